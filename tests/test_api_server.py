"""The apiserver that other tests ask: it accepts what is right, and says what is wrong as a cluster would."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from subprocess import PIPE

import pytest

from generator.live import keeper
from generator.live.api_server import API_SERVER, REVIEWS, Cluster, Refused
from generator.tools import install

pytestmark = pytest.mark.slow

KUBERNETES = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {pod-security.kubernetes.io/enforce: restricted, pod-security.kubernetes.io/warn: restricted}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: payments, namespace: shop}
spec:
  replicas: 3
  selector: {matchLabels: {app: payments}}
  template:
    metadata: {labels: {app: payments}}
    spec:
      serviceAccountName: payments
      automountServiceAccountToken: false
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      containers:
        - name: payments
          image: registry.example.com/payments:1.4.2
          ports: [{name: http, containerPort: 8080}]
          resources: {requests: {cpu: 250m, memory: 256Mi}, limits: {memory: 256Mi}}
          securityContext: {allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}
          readinessProbe: {httpGet: {path: /ready, port: http}}
---
apiVersion: v1
kind: Service
metadata: {name: payments, namespace: shop}
spec:
  selector: {app: payments}
  ports: [{name: http, port: 8080, targetPort: http}]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: payments, namespace: shop}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: payments}
  minReplicas: 3
  maxReplicas: 10
  metrics: [{type: Resource, resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}}]
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: payments, namespace: shop}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: payments}}}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: payments, namespace: shop}
spec:
  podSelector: {matchLabels: {app: payments}}
  policyTypes: [Ingress]
  ingress: [{from: [{podSelector: {matchLabels: {app: orders}}}], ports: [{protocol: TCP, port: 8080}]}]
"""
MESH = """\
apiVersion: v1
kind: Namespace
metadata: {name: shop}
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: payments, namespace: shop}
spec:
  hosts: [payments]
  http:
    - timeout: 1s
      retries: {attempts: 2, perTryTimeout: 400ms, retryOn: "5xx,connect-failure"}
      match: [{uri: {prefix: /v1/}}]
      route: [{destination: {host: payments, port: {number: 8080}}}]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: default, namespace: shop}
spec:
  mtls: {mode: STRICT}
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: payments, namespace: shop}
spec:
  selector: {matchLabels: {app: payments}}
  action: ALLOW
  rules: [{from: [{source: {principals: [cluster.local/ns/shop/sa/orders]}}]}]
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: {name: card-network, namespace: shop}
spec:
  hosts: [cards.example.com]
  location: MESH_EXTERNAL
  resolution: DNS
  ports: [{number: 443, name: tls, protocol: TLS}]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop, labels: {istio.io/waypoint-for: service}}
spec:
  gatewayClassName: istio-waypoint
  listeners: [{name: mesh, port: 15008, protocol: HBONE}]
"""
ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: orders, namespace: shop}\n"
BARE_POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: bare, namespace: shop}\nspec: {containers: [{name: bare, image: bare:1}]}\n"


@pytest.mark.parametrize("good", [KUBERNETES, MESH], ids=["kubernetes", "mesh"])
def test_accepts_what_is_right(cluster: Cluster, good: str) -> None:
    assert cluster.dry_run(good) == []


@pytest.mark.mutant
@pytest.mark.parametrize(
    ("good", "right", "wrong", "words"),
    [
        (KUBERNETES, "image:", "imagee:", 'unknown field "spec.template.spec.containers[0].imagee"'),
        (
            KUBERNETES,
            "labels: {app: payments}}\n    spec",
            "labels: {app: other}}\n    spec",
            "`selector` does not match template `labels`",
        ),
        (KUBERNETES, "requests: {cpu: 250m, memory: 256Mi}", "requests: {memory: 1Gi}", "must be less than or equal to memory limit"),
        (KUBERNETES, "port: http}}", "port: metrics_port}}", "readinessProbe.httpGet.port"),
        (KUBERNETES, "Escalation: false", "Escalation: true", 'would violate PodSecurity "restricted:latest"'),
        (KUBERNETES, "runAsNonRoot: true, ", "", "runAsNonRoot != true"),
        (KUBERNETES, "minReplicas: 3", "minReplicas: 30", "must be greater than or equal to `minReplicas`"),
        (KUBERNETES, "autoscaling/v2", "autoscaling/v2beta2", 'no matches for kind "HorizontalPodAutoscaler"'),
        (KUBERNETES, "protocol: TCP", "protocol: HTTP", 'Unsupported value: "HTTP"'),
        (KUBERNETES, "port: 8080}]}]", "port: 80800}]}]", "must be between 1 and 65535"),
        (KUBERNETES, "maxUnavailable: 1,", "maxUnavailable: 1, minAvailable: 1,", "cannot be both set"),
        (KUBERNETES, "ports: [{name: http, port", "ports: [{name: HTTP_main, port", "spec.ports[0].name"),
        (KUBERNETES, "payments, namespace: shop", "payments, namespace: elsewhere", 'namespaces "elsewhere" not found'),
        (KUBERNETES, "name: shop, labels", "name: Shop, labels", 'Namespace "Shop" is invalid'),
        (MESH, "destination: {host: payments", "destination: {hots: payments", 'unknown field "spec.http[0].route[0].destination.hots"'),
        (MESH, "timeout: 1s", "timeout: 1", "must be of type string"),
        (MESH, "perTryTimeout: 400ms", "perTryTimeout: 0.1ms", "must be a valid duration greater than 1ms"),
        (MESH, "action: ALLOW", "action: PERMIT", 'Unsupported value: "PERMIT"'),
        (MESH, "mode: STRICT", "mode: STRCT", 'Unsupported value: "STRCT"'),
        (MESH, "hosts: [cards.example.com]", "hosts: []", "spec.hosts"),
        (MESH, "port: 15008", "port: 150080", "spec.listeners[0].port"),
        (MESH, "gatewayClassName: istio-waypoint", "gatewayClass: istio-waypoint", 'unknown field "spec.gatewayClass"'),
        (MESH, "kind: Gateway", "kind: Gatewy", 'no matches for kind "Gatewy"'),
        (MESH, "mtls: {mode: STRICT}", "mtls: {mode: STRICT", "error converting YAML to JSON"),
    ],
)
def test_refuses_what_is_wrong(cluster: Cluster, good: str, right: str, wrong: str, words: str) -> None:
    assert right in good
    said = cluster.dry_run(good.replace(right, wrong))
    assert any(words in each for each in said), said


def test_says_each_refusal_once_and_in_one_line(cluster: Cluster) -> None:
    broken = KUBERNETES.replace("image:", "imagee:").replace("minReplicas: 3", "minReplicas: 30").replace("protocol: TCP", "protocol: HTTP")
    said = cluster.dry_run(broken)
    assert len(said) == 3
    assert not any("\n" in each for each in said)


def test_refuses_nothing_at_all(cluster: Cluster) -> None:
    assert cluster.dry_run("") == ["no objects"]


def test_a_dry_run_stores_namespaces_only(cluster: Cluster) -> None:
    assert cluster.dry_run(KUBERNETES.replace("shop", "dry")) == []
    assert cluster.kubectl("get", "namespace", "dry").returncode == 0
    assert cluster.kubectl("get", "deployment,service,hpa", "--namespace", "dry").stdout == ""


@pytest.mark.parametrize("modes", [("enforce",), ("warn",), ("enforce", "warn")], ids=" ".join)
def test_what_a_namespace_is_changed_to_holds_at_once(cluster: Cluster, modes: tuple[str, ...]) -> None:
    """As when one environment after another is tried in the same Namespace; the server itself takes notice a moment later."""
    labels = ", ".join(f"pod-security.kubernetes.io/{mode}: restricted" for mode in modes)
    strict = f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: turns, labels: {{{labels}}}}}\n"
    lax = "apiVersion: v1\nkind: Namespace\nmetadata: {name: turns}\n"
    pod = BARE_POD.replace("shop", "turns")
    for _ in range(20):
        assert len(cluster.dry_run(f"{strict}---\n{pod}")) == 1
        assert cluster.dry_run(f"{lax}---\n{pod}") == []


def test_rights_hold_at_once_and_end_at_once(cluster: Cluster) -> None:
    rights = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: default}
rules: [{apiGroups: [""], resources: [secrets], verbs: [get]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: reader, namespace: default}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: reader}]
"""
    asked = {"user": "reader", "resourceAttributes": {"namespace": "default", "verb": "get", "resource": "secrets"}}
    review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": asked}
    for _ in range(20):
        cluster.apply(rights)
        assert [each["status"]["allowed"] for each in cluster.answers(REVIEWS, [review])] == [True]
        cluster.delete(rights)
        assert [each["status"]["allowed"] for each in cluster.answers(REVIEWS, [review])] == [False]


def test_a_connection_that_has_ended_is_opened_again(cluster: Cluster) -> None:
    """The server ends one that has been idle for some minutes."""
    assert cluster.dry_run(KUBERNETES) == []
    vars(cluster)["_connection"].sock.shutdown(socket.SHUT_RDWR)
    assert cluster.dry_run(KUBERNETES) == []


def test_applies_for_real(cluster: Cluster) -> None:
    assert cluster.dry_run(KUBERNETES) == []
    with pytest.raises(Refused, match='violates PodSecurity "restricted:latest"'):
        cluster.apply(BARE_POD)
    cluster.apply(ACCOUNT)
    assert cluster.kubectl("get", "serviceaccount", "orders", "--namespace", "shop").returncode == 0
    asked = cluster.kubectl("auth", "can-i", "get", "secrets", "--as=system:serviceaccount:shop:orders", "--namespace", "shop")
    assert asked.stdout.strip() == "no"
    cluster.delete(ACCOUNT)
    assert cluster.kubectl("get", "serviceaccount", "orders", "--namespace", "shop").returncode == 1


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_the_servers_end_with_who_started_them(tmp_path: Path, end: signal.Signals) -> None:
    install(API_SERVER)
    with subprocess.Popen([sys.executable, "-c", STARTER, tmp_path], stdout=PIPE, stderr=PIPE) as starter:
        assert starter.stdout is not None
        starter.stdout.readline()
        assert running(tmp_path) == 4, "the starter, who keeps the servers, and both of them"
        starter.send_signal(end)
        starter.communicate(timeout=60)
    assert running(tmp_path) == 0


def test_servers_go_before_their_keeper(tmp_path: Path) -> None:
    server = [sys.executable, "-c", "import time; print(flush=True); time.sleep(600)", str(tmp_path)]
    with subprocess.Popen([sys.executable, keeper.__file__, json.dumps({"server": server})], cwd=tmp_path, stdin=PIPE) as started:
        latest = time.monotonic() + 60
        while not ((tmp_path / "server.log").exists() and (tmp_path / "server.log").stat().st_size) and time.monotonic() < latest:
            time.sleep(0.1)
        assert running(tmp_path) == 2
        started.terminate()
        started.wait(60)
    assert running(tmp_path) == 0


STARTER = """\
import pathlib, sys, time
from generator.live.api_server import Cluster
with Cluster(pathlib.Path(sys.argv[1])):
    print(flush=True)
    time.sleep(600)
"""


def running(folder: Path) -> int:
    """How many processes have the folder among their arguments."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args"], capture_output=True, text=True, check=True)
    return sum(str(folder) in line for line in listed.stdout.splitlines())
