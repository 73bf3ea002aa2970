"""kubernetes-validate, kubeconform, kustomize and kube-score accept good manifests, and say of broken ones what is wrong and where."""

from __future__ import annotations

import re
import shutil
from pathlib import Path, PurePosixPath

import pytest
from manifest_tree import Tree

from generator.artifact import Prover
from generator.prove import kube_score, kubeconform, kubernetes_validate, kustomize

DEPLOYMENT = "kubernetes/base/web/deployment.yaml"
LIMITS = "            limits: {cpu: 500m, memory: 256Mi}\n"
READINESS = """\
          readinessProbe:
            httpGet: {path: /health/ready, port: http}
            initialDelaySeconds: 5
"""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)


def by_name(prover: Prover) -> str:
    return prover.TOOL


@pytest.mark.parametrize("prover", [kubernetes_validate, kubeconform, kustomize, kube_score], ids=by_name)
def test_accepts_good_manifests(prover: Prover, tree: Tree) -> None:
    assert tree.ask(prover, "kubernetes") == []


@pytest.mark.parametrize("prover", [kubernetes_validate, kubeconform], ids=by_name)
@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("imagePullPolicy", "imagePullPolice", 28, "imagePullPolice"),
        ("runAsGroup: 10001\n        fsGroup", "runAsGroup: ten\n        fsGroup", 17, "integer"),
        ("  selector: {matchLabels: {app.kubernetes.io/name: web}}\n", "", 4, "selector"),
        ("kind: Deployment", "kind: Deploiment", 1, "Deploiment"),
        ("apiVersion: apps/v1", "apiVersion: apps/v2", 1, "Deployment"),
        ("apiVersion: apps/v1", "apiVersion: example.com/v1", 1, "Deployment"),
        ("apiVersion: apps/v1\n", "", 1, ""),
    ],
    ids=["misspelt key", "wrong type", "missing key", "unknown kind", "unknown version", "unknown group", "no version"],
)
def test_a_manifest_that_no_api_server_takes(prover: Prover, old: str, new: str, line: int, words: str, tree: Tree) -> None:
    tree.change(DEPLOYMENT, old, new)
    [found] = tree.ask(prover, "kubernetes")
    assert (found.at.file, found.at.line) == ("base/web/deployment.yaml", line)
    assert words in found.message


@pytest.mark.parametrize("prover", [kubernetes_validate, kubeconform], ids=by_name)
def test_every_error_of_a_manifest_is_told(prover: Prover, tree: Tree) -> None:
    tree.change(DEPLOYMENT, "maxSurge: 1", "maxSurg: 1")
    tree.change(DEPLOYMENT, "containerPort: 8080", "containerPort: http")
    found = tree.ask(prover, "kubernetes")
    assert sorted(each.at.line for each in found) == [8, 32]


@pytest.mark.parametrize("prover", [kubernetes_validate, kubeconform], ids=by_name)
def test_a_file_that_is_no_yaml(prover: Prover, tree: Tree) -> None:
    tree.add("kubernetes/base/web/service.yaml", "apiVersion: [v1\n")
    tree.change(DEPLOYMENT, "maxSurge: 1", "maxSurg: 1")
    assert {each.at.file for each in tree.ask(prover, "kubernetes")} == {"base/web/service.yaml", "base/web/deployment.yaml"}


def test_kubeconform_refuses_a_key_that_is_written_twice(tree: Tree) -> None:
    tree.change("kubernetes/base/web/service.yaml", "spec:\n", "spec:\n  type: ClusterIP\n")
    [found] = tree.ask(kubeconform, "kubernetes")
    assert (found.code, found.at.file) == ("kubeconform/error", "base/web/service.yaml")
    assert 'key "type" already set in map' in found.message


def test_the_second_document_of_a_file_is_found_on_its_own_line(tree: Tree) -> None:
    tree.add("kubernetes/base/web/more.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n---\napiVersion: v1\nkind: ConfigMp\n")
    for prover in (kubernetes_validate, kubeconform):
        [found] = tree.ask(prover, "kubernetes")
        assert (found.at.file, found.at.line) == ("base/web/more.yaml", 5)


def test_what_others_judge_is_left_to_them(tree: Tree) -> None:
    route = "apiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web}\nspec: {rulez: []}\n"
    tree.add("kubernetes/base/web/route.yaml", route)
    assert tree.ask(kubernetes_validate, "kubernetes") == []
    assert tree.ask(kubeconform, "kubernetes") == []
    assert tree.ask(kubernetes_validate, "istio") == []


def test_kustomize_refuses_a_resource_that_is_not_there(tree: Tree) -> None:
    """Once, and not again for each of the folders that build this one."""
    tree.change("kubernetes/base/web/kustomization.yaml", "  - service.yaml", "  - servize.yaml")
    [found] = tree.ask(kustomize, "kubernetes")
    assert (found.code, found.at.file) == ("kustomize/refused", "base/web/kustomization.yaml")
    assert "servize.yaml" in found.message
    assert str(tree.folder) not in found.message


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("overlays/staging/kustomization.yaml", "namespace: shop", "namespaze: shop", "unknown field"),
        ("overlays/staging/kustomization.yaml", "../../base]", "../../base, ../../base]", "may not add resource"),
        ("base/web/kustomization.yaml", "settings.env", "setting.env", "setting.env"),
    ],
    ids=["misspelt key", "resource twice", "settings missing"],
)
def test_kustomize_refuses_a_broken_kustomization(file: str, old: str, new: str, words: str, tree: Tree) -> None:
    tree.change(f"kubernetes/{file}", old, new)
    [found] = tree.ask(kustomize, "kubernetes")
    assert found.at.file == file
    assert words in found.message


@pytest.mark.parametrize(
    ("file", "old", "new", "check", "words"),
    [
        (DEPLOYMENT, LIMITS, "", "container-resources", "CPU limit is not set"),
        (DEPLOYMENT, READINESS, "", "pod-probes", "Container is missing a readinessProbe"),
        (DEPLOYMENT, "web:1.4.0\n", "web:latest\n", "container-image-tag", "Image with latest tag"),
        (
            DEPLOYMENT,
            "readOnlyRootFilesystem: true",
            "readOnlyRootFilesystem: false",
            "container-security-context-readonlyrootfilesystem",
            "",
        ),
        ("kubernetes/base/web/service.yaml", "selector: {app.kubernetes.io/name: web}", "selector: {app: web}", "service-targets-pod", ""),
        ("kubernetes/base/web/kustomization.yaml", "  - network-policy.yaml\n", "", "pod-networkpolicy", ""),
        ("kubernetes/base/web/kustomization.yaml", "  - pod-disruption-budget.yaml\n", "", "deployment-has-poddisruptionbudget", ""),
    ],
    ids=["no limits", "no readiness probe", "latest", "writable root", "service without pods", "no network policy", "no disruption budget"],
)
def test_kube_score_refuses_bad_practice(file: str, old: str, new: str, check: str, words: str, tree: Tree) -> None:
    tree.change(file, old, new)
    found = [each for each in tree.ask(kube_score, "kubernetes") if each.code == f"kube-score/{check}"]
    assert found
    assert {each.at.file for each in found} <= {"base/web/deployment.yaml", "base/web/service.yaml"}
    assert any(words in each.message for each in found)
    assert all((each.help or "").endswith("seen in overlays/production, overlays/staging") for each in found)


def test_kube_score_says_where_a_fault_of_one_environment_is(tree: Tree) -> None:
    patch = "patches:\n  - patch: '[{op: remove, path: /spec/template/spec/containers/0/readinessProbe}]'\n    target: {kind: Deployment}\n"
    tree.change("kubernetes/overlays/staging/kustomization.yaml", "namespace: shop-staging\n", f"namespace: shop-staging\n{patch}")
    found = tree.ask(kube_score, "kubernetes")
    assert found
    assert all((each.help or "").endswith("seen in overlays/staging") for each in found)


def test_kube_score_gives_no_pass_to_what_is_not_built(tree: Tree) -> None:
    tree.change("kubernetes/overlays/staging/kustomization.yaml", "../../base", "../../bass")
    [found] = tree.ask(kube_score, "kubernetes")
    assert (found.code, found.at.file) == ("kube-score/not-built", "overlays/staging/kustomization.yaml")


def test_kube_score_judges_environments_that_have_no_base(tmp_path: Path) -> None:
    """The collector's: each is a folder of its own."""
    folder = shutil.copytree(Path(__file__).parent.parent / "golden" / "telemetry" / "probabilistic", tmp_path / "telemetry")
    files = sorted(PurePosixPath(path.relative_to(folder).as_posix()) for path in folder.rglob("*") if path.is_file())
    assert list(kube_score.prove(folder, files)) == []
    manifest = folder / "test" / "kubernetes" / "deployment.yaml"
    manifest.write_text(manifest.read_text().replace("pod-probes-identical", "container-resources"))
    [found] = kube_score.prove(folder, files)
    assert (found.code, found.at.file) == ("kube-score/pod-probes-identical", "test/kubernetes/deployment.yaml")
    assert str(found.help).endswith("seen in test")


@pytest.mark.parametrize("check", sorted(kube_score.IGNORED))
def test_every_ignored_check_is_one_that_would_be_asked(check: str, tree: Tree) -> None:
    listed = kube_score.KUBE_SCORE.run("list", folder=tree.folder).stdout
    assert re.search(rf"^{check},.*,default$", listed, re.MULTILINE)
