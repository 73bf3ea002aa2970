"""Istio's validation, its analyzers and the schemas of its resources accept good manifests, and say of broken ones what is wrong and where."""

from __future__ import annotations

from pathlib import Path

import pytest
from manifest_tree import Tree

from generator.artifact import Prover
from generator.prove import istio_analyze, istio_check, istioctl_analyze, kubeconform, kubernetes_validate, kustomize

SERVICE = "sidecar/web/virtual-service.yaml"
FILTER = "sidecar/web/envoy-filter.yaml"


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def by_name(prover: Prover) -> str:
    return prover.TOOL


@pytest.mark.parametrize("prover", [istio_check, istio_analyze, istioctl_analyze, kubeconform, kubernetes_validate, kustomize], ids=by_name)
def test_accepts_good_manifests(prover: Prover, tree: Tree) -> None:
    assert tree.ask(prover, "istio") == []


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        (SERVICE, "hosts: [web]", "hostss: [web]", 'unknown field "hostss"'),
        (SERVICE, "attempts: 1", "attempts: -1", "attempts cannot be negative"),
        (SERVICE, "timeout: 2s", "timeout: 2", "cannot unmarshal number"),
        (SERVICE, "timeout: 2s", "timeout: 0.1ms", "duration must be greater than 1ms"),
        (SERVICE, "connect-failure,unavailable", "now-and-then", "retryOn"),
        (SERVICE, "timeout: 2s", "fault: {delay: {percentage: {value: 150}, fixedDelay: 1s}}", "percentage 150"),
        (SERVICE, "kind: VirtualService", "kind: VirtualServices", "Istio has no VirtualServices"),
        (SERVICE, "networking.istio.io/v1", "networking.istio.io/v7", "Istio has no VirtualService in networking.istio.io/v7"),
        (SERVICE, "spec:\n", "spek: {}\nspec:\n", 'unknown field "spek"'),
        (SERVICE, "hosts: [web]", "hosts: [web]\n  hosts: [web]", "already set in map"),
        (
            "overlays/staging/gateway.yaml",
            "mode: SIMPLE, credentialName: shop-staging-tls",
            "mode: SIMPLE",
            "requires a server certificate",
        ),
        ("sidecar/web/authorization-policy.yaml", "[/pages,", '[""],', ""),
        ("sidecar/peer-authentication.yaml", "mode: STRICT", "mode: STRICTEST", "STRICTEST"),
        (FILTER, "INSERT_BEFORE", "INSERT_BEFOREE", "INSERT_BEFOREE"),
        (FILTER, "LocalRateLimit\n", "LocalRateLimits\n", ""),
    ],
)
def test_istio_check_refuses_what_istiod_would(file: str, old: str, new: str, words: str, tree: Tree) -> None:
    tree.change(f"istio/{file}", old, new)
    found = tree.ask(istio_check, "istio")
    assert {(each.code, each.at.file, each.at.line) for each in found} == {("istio-check/error", file, 1)}
    assert any(words in each.message for each in found)


def test_istio_check_refuses_what_istiod_only_warns_of(tree: Tree) -> None:
    tree.change(f"istio/{SERVICE}", "hosts: [web]\n", "hosts: [web]\n  exportTo: [.]\n")
    match = "match:\n        - {method: {exact: GET}, uri: {prefix: /pages}}\n"
    tree.change(
        f"istio/{SERVICE}",
        f"    - name: getPage\n      {match}",
        f"    - name: all\n      route: [{{destination: {{host: web}}}}]\n    - name: getPage\n      {match}",
    )
    [found] = tree.ask(istio_check, "istio")
    assert (found.code, found.at.file) == ("istio-check/warning", SERVICE)


def test_istio_check_tells_every_error_of_every_document(tree: Tree) -> None:
    text = (tree.folder / "istio" / SERVICE).read_text(encoding="utf-8")
    broken = text.replace("attempts: 1", "attempts: -1").replace("timeout: 2s", "timeout: 0.1ms")
    tree.add(f"istio/{SERVICE}", f"# The first.\n{text}---\n# The second.\n{broken}")
    lines = text.count("\n")
    assert [(each.at.line, each.message) for each in tree.ask(istio_check, "istio")] == [
        (lines + 4, "attempts cannot be negative"),
        (lines + 4, "duration must be greater than 1ms"),
    ]


def test_istio_check_leaves_to_others_what_is_not_of_istio(tree: Tree) -> None:
    tree.change("kubernetes/base/web/service.yaml", "spec:", "spek:")
    assert tree.ask(istio_check, "kubernetes") == []


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "words"),
    [
        (SERVICE, "hosts: [web]", "hostss: [web]", 5, "additional properties 'hostss' not allowed"),
        (SERVICE, "perTryTimeout: 0.8s", "perTryTimeout: 2", 13, "got number, want string"),
        (SERVICE, "networking.istio.io/v1", "networking.istio.io/v7", 1, "could not find schema for VirtualService"),
        (FILTER, "  priority: 10\n", "  priority: high\n", 5, "got string, want integer"),
        ("sidecar/peer-authentication.yaml", "mode: STRICT", "mode: STRICTEST", 5, "value must be one of"),
    ],
    ids=["unknown field", "wrong type", "unknown version", "EnvoyFilter", "unknown value"],
)
def test_kubeconform_refuses_what_the_schema_does_not_have(file: str, old: str, new: str, line: int, words: str, tree: Tree) -> None:
    tree.change(f"istio/{file}", old, new)
    [found] = tree.ask(kubeconform, "istio")
    assert (found.at.file, found.at.line) == (file, line)
    assert words in found.message


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "words"),
    [
        (
            "overlays/staging/virtual-service.yaml",
            "gateways: [shop]",
            "gateways: [shopp]",
            "IST0101",
            'Referenced gateway not found: "shopp"',
        ),
        ("overlays/staging/virtual-service.yaml", "hosts: [staging.", "hosts: [other.", "IST0132", "other.example.com"),
        (
            SERVICE,
            "{host: web, port",
            "{host: web, subset: v1, port",
            "IST0101",
            'Referenced host+subset in destinationrule not found: "web+v1"',
        ),
        (FILTER, "  priority: 10\n", "", "IST0151", "does not have a priority"),
    ],
    ids=["no such gateway", "host not in gateway", "no such subset", "filter in any order"],
)
@pytest.mark.parametrize("prover", [istio_analyze, istioctl_analyze], ids=by_name)
def test_analyzers_refuse_what_does_not_fit_together(
    prover: Prover, file: str, old: str, new: str, code: str, words: str, tree: Tree
) -> None:
    tree.change(f"istio/{file}", old, new)
    found = [each for each in tree.ask(prover, "istio") if each.code.endswith(f"/{code}")]
    assert len(found) == 1
    assert found[0].at.file == file
    assert words in found[0].message
    assert (found[0].help or "").endswith("overlays/staging")


SERVICE_PORT = "name: http, port: 80, protocol: TCP, appProtocol: http"


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "words"),
    [
        ("istio/sidecar/web/virtual-service.yaml", "{host: web, port", "{host: webb, port", "IST0101", 'Referenced host not found: "webb"'),
        ("istio/overlays/staging/virtual-service.yaml", "number: 80", "number: 81", "IST0101", 'Referenced host:port not found: "web:81"'),
        ("istio/sidecar/web/sidecar.yaml", "name: web}}", "name: webb}}", "IST0101", "Referenced selector not found"),
        ("kubernetes/overlays/staging/namespace.yaml", "istio-injection: enabled, ", "", "IST0102", "not enabled for Istio injection"),
        ("kubernetes/base/web/service.yaml", SERVICE_PORT, "name: web, port: 80, protocol: TCP", "IST0118", "Port name web"),
        (
            "kubernetes/base/web/deployment.yaml",
            "runAsUser: 10001\n        runAsGroup",
            "runAsUser: 1337\n        runAsGroup",
            "IST0144",
            "1337",
        ),
    ],
    ids=["no such host", "no such port", "no such pods", "no injection", "port without protocol", "user of the proxy"],
)
def test_istio_analyze_sees_the_kubernetes_objects(file: str, old: str, new: str, code: str, words: str, tree: Tree) -> None:
    """What istioctl leaves out without a cluster."""
    tree.change(file, old, new)
    found = tree.ask(istio_analyze, "istio")
    kind, _, rest = file.partition("/")
    assert {(each.code, each.at.file) for each in found} == {(f"istio-analyze/{code}", rest if kind == "istio" else f"../{file}")}
    assert all(words in each.message and (each.help or "").endswith("overlays/staging") for each in found)


def test_istio_analyze_asks_every_analyzer(tree: Tree) -> None:
    """It fails rather than leave one out, which istioctl does with the same text."""
    left_out = istioctl_analyze.ISTIOCTL.run("analyze", "--use-kube=false", "--verbose", SERVICE, folder=tree.folder / "istio").stderr
    assert "Skipped analyzers" in left_out and "virtualservice.DestinationHostAnalyzer" in left_out
    done = istio_analyze.ISTIO_ANALYZE.run(SERVICE, folder=tree.folder / "istio")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("prover", [istio_analyze, istioctl_analyze, kustomize], ids=by_name)
def test_an_environment_that_is_not_built_is_refused(prover: Prover, tree: Tree) -> None:
    tree.change("istio/overlays/staging/kustomization.yaml", "- gateway.yaml", "- gate.yaml")
    [found] = tree.ask(prover, "istio")
    assert found.at.file == "overlays/staging/kustomization.yaml"
    assert "gate.yaml" in found.message


def test_kustomize_needs_the_kubernetes_kind_beside(tree: Tree) -> None:
    tree.change("kubernetes/base/web/kustomization.yaml", "- service.yaml", "- servize.yaml")
    [found] = tree.ask(kustomize, "istio")
    assert "../kubernetes/base/web/servize.yaml" in found.message
