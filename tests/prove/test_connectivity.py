"""network-config-analyzer accepts policies that let through what the list of edges says, and refuses every step away from it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import pytest

from generator.diagnostics import Diagnostic
from generator.prove import connectivity

WORKLOAD = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec:
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME, part-of: shop}}
    spec:
      serviceAccountName: NAME
      containers: [{name: NAME, image: "registry.example.com/NAME:1.0.0", ports: [{name: http, containerPort: 8080}]}]
---
"""

NETWORK_POLICIES = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: default-deny}
spec: {podSelector: {}, policyTypes: [Ingress, Egress]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: allow-dns}
spec:
  podSelector: {}
  policyTypes: [Egress]
  egress:
  - to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}, podSelector: {matchLabels: {k8s-app: kube-dns}}}]
    ports: [{protocol: UDP, port: 53}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: web}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: istio-system}}, podSelector: {matchLabels: {istio: ingress}}}]
    ports: [{protocol: TCP, port: 8080}]
  - from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: observability}}, podSelector: {matchLabels: {app: prometheus}}}]
    ports: [{protocol: TCP, port: 15020}]
  egress:
  - to: [{podSelector: {matchLabels: {app: orders}}}]
    ports: [{protocol: TCP, port: 8080}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: orders}
spec:
  podSelector: {matchLabels: {app: orders}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{podSelector: {matchLabels: {app: web}}}]
    ports: [{protocol: TCP, port: 8080}]
  egress:
  - to: [{podSelector: {matchLabels: {app: billing}}}]
    ports: [{protocol: TCP, port: 9090}]
  - to: [{podSelector: {matchLabels: {app: orders-db}}}]
    ports: [{protocol: TCP, port: 5432}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: billing}
spec:
  podSelector: {matchLabels: {app: billing}}
  policyTypes: [Ingress, Egress]
  ingress:
  - from: [{podSelector: {matchLabels: {app: orders}}}]
    ports: [{protocol: TCP, port: 9090}]
  egress:
  - to: [{ipBlock: {cidr: 0.0.0.0/0, except: [169.254.0.0/16]}}, {ipBlock: {cidr: "::/0"}}]
    ports: [{protocol: TCP, port: 443}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: orders-db}
spec:
  podSelector: {matchLabels: {app: orders-db}}
  policyTypes: [Ingress]
  ingress:
  - from: [{podSelector: {matchLabels: {app: orders}}}]
    ports: [{protocol: TCP, port: 5432}]
"""

AUTHORIZATION_POLICIES = """\
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: allow-nothing}
spec: {}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  action: ALLOW
  rules:
  - from: [{source: {principals: [cluster.local/ns/istio-system/sa/ingress-account]}}]
    to: [{operation: {hosts: [shop.example.com, "shop.example.com:*"], ports: ["8080"], methods: [GET], paths: [/shop, /shop/*]}}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: orders}
spec:
  selector: {matchLabels: {app: orders}}
  action: ALLOW
  rules:
  - from: [{source: {principals: [cluster.local/ns/shop/sa/web]}}]
    to: [{operation: {ports: ["8080"], methods: [GET], paths: [/api/v1/orders, "/api/v1/orders/{*}"]}}]
  - from: [{source: {principals: [cluster.local/ns/shop/sa/web], requestPrincipals: ["https://id.example.com/*"]}}]
    to: [{operation: {ports: ["8080"], methods: [POST], paths: [/api/v1/orders]}}]
    when: [{key: "request.auth.claims[scope]", values: [orders.write]}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: billing}
spec:
  selector: {matchLabels: {app: billing}}
  action: ALLOW
  rules:
  - from: [{source: {principals: [cluster.local/ns/shop/sa/orders]}}]
    to: [{operation: {ports: ["9090"], methods: [POST], paths: [/shop.billing.v1.Billing/Charge]}}]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: orders-db}
spec:
  selector: {matchLabels: {app: orders-db}}
  action: ALLOW
  rules:
  - from: [{source: {principals: [cluster.local/ns/shop/sa/orders]}}]
    to: [{operation: {ports: ["5432"]}}]
"""

EDGES = """\
namespace: shop
peers:
  web: {labels: {app: web}}
  orders: {labels: {app: orders}}
  billing: {labels: {app: billing}}
  orders.orders-db: {labels: {app: orders-db}, stand_in: true}
  platform.dns: {namespace: kube-system, labels: {k8s-app: kube-dns}, stand_in: true}
  platform.ingress: {namespace: istio-system, labels: {istio: ingress}, account: ingress-account, stand_in: true}
  platform.scraping: {namespace: observability, labels: {app: prometheus}, stand_in: true}
  external.paybridge: {addresses: [0.0.0.0/0, "::/0"], except: [169.254.0.0/16]}
edges:
- {from: web, to: platform.dns, port: 53, protocol: UDP}
- {from: orders, to: platform.dns, port: 53, protocol: UDP}
- {from: billing, to: platform.dns, port: 53, protocol: UDP}
- {from: platform.scraping, to: web, port: 15020, protocol: TCP}
- {from: orders, to: orders.orders-db, port: 5432, protocol: TCP}
- {from: billing, to: external.paybridge, port: 443, protocol: TCP}
"""
CALLS = """\
- {from: platform.ingress, to: web, port: 8080, protocol: TCP}
- {from: web, to: orders, port: 8080, protocol: TCP, because: web.uses}
- {from: orders, to: billing, port: 9090, protocol: TCP}
"""
REQUESTS = """\
- {from: platform.ingress, to: web, port: 8080, protocol: TCP, operations: [{methods: [GET], paths: [/shop, /shop/*]}]}
- from: web
  to: orders
  port: 8080
  protocol: TCP
  operations:
  - {methods: [GET, POST], paths: [/api/v1/orders]}
  - {methods: [GET], paths: ["/api/v1/orders/{*}"]}
- {from: orders, to: billing, port: 9090, protocol: TCP, operations: [{methods: [POST], paths: [/shop.billing.v1.Billing/Charge]}]}
"""

NETWORK = "kubernetes/base/network-policies.yaml"
ACCESS = "istio/overlays/production/authorization-policies.yaml"
NAMESPACE = "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}\n"
TREE = {
    "kubernetes/base/kustomization.yaml": "resources: [workloads.yaml, network-policies.yaml]\n",
    "kubernetes/base/workloads.yaml": "".join(WORKLOAD.replace("NAME", name) for name in ("web", "orders", "billing")),
    NETWORK: NETWORK_POLICIES,
    "kubernetes/overlays/production/kustomization.yaml": "namespace: shop\nresources: [namespace.yaml, ../../base]\n",
    "kubernetes/overlays/production/namespace.yaml": NAMESPACE,
    "kubernetes/edges/production.yaml": EDGES + CALLS,
    "istio/overlays/production/kustomization.yaml": (
        "namespace: shop\nresources: [../../../kubernetes/overlays/production, authorization-policies.yaml]\n"
    ),
    ACCESS: AUTHORIZATION_POLICIES,
    "istio/edges/production.yaml": EDGES + REQUESTS,
}


@dataclass(frozen=True)
class Step:
    """One text in the tree changed, and what the analyzer must say: for each code, how its first message begins."""

    kind: str
    file: str
    old: str
    new: str
    said: dict[str, str]


def network(old: str, new: str, **said: str) -> Step:
    return Step("kubernetes", NETWORK, old, new, said)


def access(old: str, new: str, **said: str) -> Step:
    return Step("istio", ACCESS, old, new, said)


STEPS = {
    "a rule removed": network(
        "  - to: [{podSelector: {matchLabels: {app: billing}}}]\n    ports: [{protocol: TCP, port: 9090}]\n",
        "",
        missing_edge="orders cannot reach billing on TCP 9090, as this edge says",
    ),
    "one more peer": network(
        "- from: [{podSelector: {matchLabels: {app: web}}}]",
        "- from: [{podSelector: {matchLabels: {app: web}}}, {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]",
        undeclared_edge="kube-system/stranger, platform.dns can reach orders on TCP 8080, which no edge says",
    ),
    "another port": network(
        "app: orders-db}}}]\n    ports: [{protocol: TCP, port: 5432}]",
        "app: orders-db}}}]\n    ports: [{protocol: TCP, port: 5433}]",
        missing_edge="orders cannot reach orders.orders-db on TCP 5432,",
    ),
    "another protocol": network(
        "ports: [{protocol: UDP, port: 53}]",
        "ports: [{protocol: TCP, port: 53}]",
        undeclared_edge="billing, orders, orders.orders-db, shop/stranger, web can reach platform.dns on TCP 53,",
        missing_edge="web cannot reach platform.dns on UDP 53,",
    ),
    "a selector that matches every pod": network(
        "spec:\n  podSelector: {matchLabels: {app: web}}",
        "spec:\n  podSelector: {}",
        undeclared_edge="platform.ingress can reach billing, orders, orders.orders-db, shop/stranger on TCP 8080,",
    ),
    "a whole namespace": network(
        ", podSelector: {matchLabels: {k8s-app: kube-dns}}",
        "",
        undeclared_edge="billing, orders, orders.orders-db, shop/stranger, web can reach kube-system/stranger on UDP 53,",
    ),
    "every namespace": network(
        "namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: istio-system}}, podSelector: {matchLabels: {istio: ingress}}",
        "namespaceSelector: {}, podSelector: {matchLabels: {istio: ingress}}",
        undeclared_edge="stranger-1/platform.ingress can reach web on TCP 8080,",
    ),
    "addresses too many": network(
        ", except: [169.254.0.0/16]",
        "",
        undeclared_edge="billing can reach 169.254.0.0/16 on TCP 443,",
    ),
    "addresses too few": network(
        ', {ipBlock: {cidr: "::/0"}}',
        "",
        missing_edge="billing cannot reach external.paybridge on TCP 443,",
    ),
    "no default deny": network(
        NETWORK_POLICIES[: NETWORK_POLICIES.index("---") + 4],
        "",
        undeclared_edge="0.0.0.0/0, ::/0, istio-system/stranger, kube-system/stranger, observability/stranger, platform.dns and 10 more can reach shop/stranger",
    ),
    "a rule for nobody": network(
        "from: [{podSelector: {matchLabels: {app: web}}}]",
        "from: [{podSelector: {matchLabels: {app: wbe}}}]",
        refused="NetworkPolicy orders: A podSelector selects no pods",
        missing_edge="web cannot reach orders on TCP 8080,",
    ),
    "an edge that nothing allows": Step(
        "kubernetes",
        "kubernetes/edges/production.yaml",
        CALLS,
        CALLS + "- {from: web, to: billing, port: 9090, protocol: TCP}\n",
        {"missing_edge": "web cannot reach billing on TCP 9090,"},
    ),
    "an edge that is not listed": Step(
        "kubernetes",
        "kubernetes/edges/production.yaml",
        "- {from: web, to: orders, port: 8080, protocol: TCP, because: web.uses}\n",
        "",
        {"undeclared_edge": "web can reach orders on TCP 8080,"},
    ),
    "a peer that no workload is": Step(
        "kubernetes",
        "kubernetes/edges/production.yaml",
        "billing: {labels: {app: billing}}",
        "billing: {labels: {app: invoices}}",
        {"refused": 'peer "billing" selects no pod', "undeclared_edge": "orders can reach shop/billing on TCP 9090,"},
    ),
    "an overlay that cannot be built": Step(
        "kubernetes",
        "kubernetes/overlays/production/kustomization.yaml",
        "../../base",
        "../../bsae",
        {"not_built": "kustomize cannot build overlays/production: "},
    ),
    "one more method": access(
        "methods: [GET], paths: [/api/v1/orders, ",
        "methods: [GET, DELETE], paths: [/api/v1/orders, ",
        undeclared_edge="web can reach orders on TCP 8080 with DELETE /api/v1/orders, /api/v1/orders/{*},",
    ),
    "another method, where a token is asked for": access(
        "methods: [POST], paths: [/api/v1/orders]",
        "methods: [PUT], paths: [/api/v1/orders]",
        undeclared_edge="web can reach orders on TCP 8080 with PUT /api/v1/orders,",
        missing_edge="web cannot reach orders on TCP 8080 with POST /api/v1/orders,",
    ),
    "one more path": access(
        "paths: [/shop.billing.v1.Billing/Charge]",
        "paths: [/shop.billing.v1.Billing/Charge, /shop.billing.v1.Billing/Refund]",
        undeclared_edge="orders can reach billing on TCP 9090 with POST /shop.billing.v1.Billing/Refund,",
    ),
    "every path below": access(
        '"/api/v1/orders/{*}"',
        "/api/v1/orders/*",
        undeclared_edge="web can reach orders on TCP 8080 with GET on paths such as /api/v1/orders/,",
    ),
    "a template of any depth": access(
        '"/api/v1/orders/{*}"',
        '"/api/v1/orders/{**}"',
        undeclared_edge="web can reach orders on TCP 8080 with GET /api/v1/orders/{**},",
        missing_edge="web cannot reach orders on TCP 8080 with GET /api/v1/orders/{*},",
    ),
    "every path": access(
        "paths: [/shop.billing.v1.Billing/Charge]",
        'paths: ["*"]',
        undeclared_edge="orders can reach billing on TCP 9090 with POST on any path but /shop.billing.v1.Billing/Charge,",
    ),
    "a wildcard within a segment": access(
        "/shop/*",
        "/shop*",
        refused='the path segment "shop*" has a * beside other characters',
    ),
    "one more principal, whom NetworkPolicies stop": access(
        "principals: [cluster.local/ns/istio-system/sa/ingress-account]",
        "principals: [cluster.local/ns/istio-system/sa/ingress-account, cluster.local/ns/shop/sa/billing]",
        undeclared_edge="the AuthorizationPolicies let billing reach web on TCP 8080 with GET on paths such as /shop,",
    ),
    "a token instead of a principal": access(
        "principals: [cluster.local/ns/istio-system/sa/ingress-account]",
        'requestPrincipals: ["*"]',
        undeclared_edge="the AuthorizationPolicies let 0.0.0.0/0, ::/0, billing, ",
    ),
    "another's principal": access(
        'sa/orders]}}]\n    to: [{operation: {ports: ["9090"]',
        'sa/web]}}]\n    to: [{operation: {ports: ["9090"]',
        undeclared_edge="the AuthorizationPolicies let web reach billing on TCP 9090 with POST /shop.billing.v1.Billing/Charge,",
        missing_edge="orders cannot reach billing on TCP 9090 with POST /shop.billing.v1.Billing/Charge,",
    ),
    "a principal of another trust domain": access(
        "cluster.local/ns/istio-system/sa/ingress-account",
        "corp.example/ns/istio-system/sa/ingress-account",
        refused="AuthorizationPolicy web: no match for principal: corp.example/ns/istio-system/sa/ingress-account",
        missing_edge="platform.ingress cannot reach web on TCP 8080 with GET",
    ),
    "the gateway's principal is missing": access(
        "    to: [{operation: {hosts: [shop",
        "    when: [{key: source.namespace, values: [shop]}]\n    to: [{operation: {hosts: [shop",
        refused="AuthorizationPolicy web: Rule selects no pods",
        missing_edge="platform.ingress cannot reach web on TCP 8080 with GET",
    ),
    "a mesh that allows by default": access(
        AUTHORIZATION_POLICIES[: AUTHORIZATION_POLICIES.index("---") + 4],
        "",
        undeclared_edge="the AuthorizationPolicies let 0.0.0.0/0, ::/0, billing, istio-system/stranger, kube-system/stranger, "
        "observability/stranger and 15 more reach shop/stranger on TCP ",
    ),
    "a policy that denies": access(
        "matchLabels: {app: orders-db}}\n  action: ALLOW",
        "matchLabels: {app: orders-db}}\n  action: DENY",
        missing_edge="orders cannot reach orders.orders-db on TCP 5432,",
    ),
    "a rule that the analyzer does not know": access(
        "principals: [cluster.local/ns/istio-system/sa/ingress-account]",
        "remoteIpBlocks: [192.0.2.0/24]",
        refused="AuthorizationPolicy web: remoteIpBlocks is not yet supported",
        missing_edge="platform.ingress cannot reach web on TCP 8080 with GET",
    ),
    "a request that is not listed": Step(
        "istio",
        "istio/edges/production.yaml",
        '  - {methods: [GET], paths: ["/api/v1/orders/{*}"]}\n',
        "",
        {"undeclared_edge": "web can reach orders on TCP 8080 with GET /api/v1/orders/{*},"},
    ),
    "a NetworkPolicy that stops what the mesh lets in": Step(
        "istio",
        NETWORK,
        "  - from: [{podSelector: {matchLabels: {app: orders}}}]\n    ports: [{protocol: TCP, port: 9090}]\n",
        "",
        {"missing_edge": "orders cannot reach billing on TCP 9090 with POST /shop.billing.v1.Billing/Charge,"},
    ),
}


def test_is_installed_as_pinned() -> None:
    assert connectivity.available() == "2.1.0", "make tools"


def test_is_not_there_before_its_tools_are_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INTERLOCK_CACHE", str(tmp_path))
    assert connectivity.available() is None


@pytest.mark.parametrize("kind", ["kubernetes", "istio"])
def test_accepts_policies_that_equal_the_edges(kind: str, tmp_path: Path) -> None:
    assert findings(kind, tmp_path) == []


@pytest.mark.parametrize("name", STEPS)
def test_refuses(name: str, tmp_path: Path) -> None:
    step = STEPS[name]
    assert step.old in TREE[step.file]
    found = findings(step.kind, tmp_path, {step.file: TREE[step.file].replace(step.old, step.new)})
    first = {each.code.removeprefix("network-config-analyzer/").replace("-", "_"): each.message for each in reversed(found)}
    assert {code: first[code][: len(said)] if code in first else None for code, said in step.said.items()} == step.said
    assert first.keys() == step.said.keys()


def test_a_finding_stands_at_the_line_of_its_edge(tmp_path: Path) -> None:
    [found] = findings(
        "kubernetes",
        tmp_path,
        {
            NETWORK: NETWORK_POLICIES.replace(
                "app: web}}}]\n    ports: [{protocol: TCP, port: 8080}]", "app: web}}}]\n    ports: [{protocol: TCP, port: 8081}]"
            )
        },
    )
    assert str(found.at) == f"edges/production.yaml:{1 + (EDGES + CALLS).splitlines().index(CALLS.splitlines()[1])}:1"
    assert found.help is not None and found.help.endswith("because of web.uses")


def test_knows_the_mesh_by_its_own_trust_domain(tmp_path: Path) -> None:
    policies = {ACCESS: AUTHORIZATION_POLICIES.replace("cluster.local/", "corp.example/")}
    assert findings("istio", tmp_path, {**policies, "istio/edges/production.yaml": f"trust_domain: corp.example\n{EDGES}{REQUESTS}"}) == []


def test_a_rule_that_denies_some_tokens_takes_no_edge_away(tmp_path: Path) -> None:
    denying = "---\n{apiVersion: security.istio.io/v1, kind: AuthorizationPolicy, metadata: {name: tokens}, spec: {action: DENY, rules: [RULE]}}\n"
    rule = '{from: [{source: {notRequestPrincipals: ["*"]}}], to: [{operation: {ports: ["8080"]}}]}'
    assert findings("istio", tmp_path, {ACCESS: AUTHORIZATION_POLICIES + denying.replace("RULE", rule)}) == []


def findings(kind: str, folder: Path, changed: dict[str, str] | None = None) -> list[Diagnostic]:
    """What the analyzer says of one kind's folder in the tree, with some of its files changed."""
    for name, text in {**TREE, **(changed or {})}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    files = sorted(PurePosixPath(path.relative_to(folder / kind).as_posix()) for path in (folder / kind).rglob("*.yaml"))
    return list(connectivity.prove(folder / kind, files))
