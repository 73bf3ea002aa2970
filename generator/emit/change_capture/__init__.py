"""Change data capture: a Debezium connector for each store whose rows become events, as Strimzi runs it, and what the database must allow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from generator import placement
from generator.artifact import Artifact
from generator.captures import CapturedStore, captured_stores
from generator.emit.change_capture import connector, databases, page
from generator.graph import Graph
from generator.kustomization import HEAD, file
from generator.model import Environment
from generator.text import generated_by, to_yaml

BASE, OVERLAYS, ACCESS = PurePosixPath("base"), PurePosixPath("overlays"), "access"


def emit(graph: Graph) -> Iterator[Artifact]:
    """The connectors as kustomize base with an overlay for each environment, a script for each PostgreSQL, and a page for people."""
    found = captured_stores(graph)
    if not found:
        return
    header = graph.system.header.at
    everything = (header, *(at for each in found for at in each.sources))
    files = [file_name(each) for each in found]
    for each in found:
        text = to_yaml(connector.manifest(each), f"{generated_by(graph.name, each.sources[:1])}\n{connector.EXPLAINED}")
        yield Artifact(BASE / file_name(each), text, each.sources)
        script = databases.script(each)
        if script is not None:
            yield Artifact(PurePosixPath("databases") / f"{each.owner.name}.{each.store.name}.sql", script, each.sources)
    yield file(graph, BASE / "kustomization.yaml", {**HEAD, "resources": files}, everything)
    for environment in graph.system.document.environments:
        yield from _overlay(graph, found, environment)
    environments = graph.system.document.environments
    places = tuple(at for each in environments for at in (each.at, placement.connect(each, found[0].capture.cluster).at))
    yield Artifact(PurePosixPath("capture.md"), page.page(graph, found, generated_by(graph.name, (header,))), (*everything, *places))


def file_name(store: CapturedStore) -> str:
    return f"{store.owner.name}.{store.store.name}.yaml"


def _overlay(graph: Graph, found: tuple[CapturedStore, ...], environment: Environment) -> Iterator[Artifact]:
    """Kafka Connect's namespace, what is reached where, and that the connectors may read their secrets.

    Connectors stand where their cluster does; clusters in more than one namespace would be more than one overlay, but the
    contract has one place for all of them in an environment.
    """
    folder = OVERLAYS / environment.name
    place = placement.connect(environment, found[0].capture.cluster)
    here = (environment.at, graph.system.header.at, place.at)
    patches = [(file_name(each), each, patch) for each in found if (patch := connector.patch(each, environment))]
    for name, each, patch in patches:
        yield file(graph, folder / name, patch, (*here, *each.sources))
    objects = [(f"{ACCESS}/{name}", each, manifest) for each in found for name, manifest in connector.access(each, environment)]
    for name, each, manifest in objects:
        yield file(graph, folder / name, manifest, (*here, each.at, each.capture.at))
    data: dict[str, Any] = {
        **HEAD,
        "namespace": place.peer.namespace,
        "resources": ["../../base", *sorted(name for name, _, _ in objects)],
    }
    if patches:
        data["patches"] = [{"path": name} for name, _, _ in patches]
    yield file(graph, folder / "kustomization.yaml", data, (*here, *(at for each in found for at in each.sources)))
