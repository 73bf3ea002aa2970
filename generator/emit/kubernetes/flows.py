"""How a component's data flows run: a container for each, that is told by a ConfigMap what to do and by a secret where."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from generator import connections, instrumentation, placement
from generator.beam import pipelines
from generator.diagnostics import At
from generator.graph import Graph, Pipeline
from generator.kustomization import MANAGED
from generator.model import Component

FOLDER = "/etc/flows"
"""Where each flow finds its files, in a folder of its name."""
PAUSE = 5
"""Seconds between two runs of a flow that follows its sources."""
DIGEST = "interlock/flows"
"""Annotation that changes with the files of the flows, so that their pods are replaced."""


def of(graph: Graph, component: Component) -> tuple[Pipeline, ...]:
    """The flows that a component runs, by name."""
    return tuple(each for each in pipelines.complete(graph) if each.component == component)


def config_maps(graph: Graph, component: Component) -> Iterator[tuple[str, dict[str, Any], tuple[At, ...]]]:
    """File name, manifest and sources of what each flow is told."""
    for pipeline in of(graph, component):
        found = list(_files(graph, pipeline))
        described = {"name": config_map(pipeline), "labels": {**placement.selector(graph, component), **MANAGED}}
        data = {_key(path): text for path, text, _ in found}
        because = tuple(at for _, _, sources in found for at in sources)
        manifest = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": described, "data": data}
        yield f"flow-{pipeline.flow.name}.yaml", manifest, (component.at, *because)


def config_map(pipeline: Pipeline) -> str:
    return f"{pipeline.component.name}-{pipeline.flow.name}-flow"


def _files(graph: Graph, pipeline: Pipeline) -> Iterator[pipelines.File]:
    """What is for the environments; the overlays for one machine and for tests stay behind."""
    own = {f"{each.name}.yaml" for each in graph.system.document.environments}
    for path, text, sources in pipelines.files(graph, pipeline):
        if path.parent != pipelines.OVERLAYS or path.name in own:
            yield path, text, sources


def _key(path: PurePosixPath) -> str:
    """A key of a ConfigMap has no slash."""
    return "-".join(path.parts)


def marks(graph: Graph, component: Component) -> dict[str, str]:
    """A job reads its files at each start, a Deployment must be told that they changed."""
    found = of(graph, component)
    if not found or placement.is_job(component):
        return {}
    texts = [[str(path), text] for each in found for path, text, _ in _files(graph, each)]
    return {DIGEST: hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:16]}


def containers(graph: Graph, component: Component, own: dict[str, Any]) -> list[dict[str, Any]]:
    """A component that does nothing but run flows has their containers in place of its own."""
    found = [_container(graph, component, each, own) for each in of(graph, component)]
    return found if found and is_replaced(graph, component) else [own, *found]


def is_replaced(graph: Graph, component: Component) -> bool:
    """Whether the flows are all that the component runs: a job, or one that nobody calls or sends to but the flows' own topics."""
    found = of(graph, component)
    if not found:
        return False
    read = {each.topic.id for pipeline in found for each in pipeline.sources if each.topic is not None}
    is_called = any(component in each.providers for each in graph.interfaces) or bool(component.handles)
    receives = any(
        each.id not in read for each in graph.topics for subscription in each.subscriptions if subscription.consumer == component
    )
    return placement.is_job(component) or not (is_called or receives)


def _container(graph: Graph, component: Component, pipeline: Pipeline, own: dict[str, Any]) -> dict[str, Any]:
    """Like the component's own, but for what it runs; nobody asks a flow anything, so it has neither ports nor probes."""
    kept: dict[str, Any] = {
        name: own[name] for name in ("image", "imagePullPolicy", "envFrom", "resources", "securityContext") if name in own
    }
    module = (
        ["-m", "apache_beam.yaml.main"] if placement.is_job(component) else ["-m", f"{pipelines.package(graph)}.follow", f"--pause={PAUSE}"]
    )
    mount = {"name": _volume(pipeline), "mountPath": f"{FOLDER}/{pipeline.flow.name}", "readOnly": True}
    return {
        "name": pipeline.flow.name
        if pipeline.flow.name != component.name or is_replaced(graph, component)
        else f"{pipeline.flow.name}-flow",
        **kept,
        "command": ["python", "-P", *module],
        "args": [
            "--yaml_pipeline_file=pipeline.yaml",
            "--runner=FnApiRunner",
            f'--jinja_variables={{"environment": "$({instrumentation.ENVIRONMENT})"}}',
        ],
        "workingDir": f"{FOLDER}/{pipeline.flow.name}",
        "env": [*own["env"], {"name": "HOME", "value": "/tmp"}, *_connections(graph, pipeline)],  # noqa: S108 - a path in the container
        "volumeMounts": [*own["volumeMounts"], mount],
    }


def _connections(graph: Graph, pipeline: Pipeline) -> list[dict[str, Any]]:
    name = connections.secret(pipeline.component)
    wanted: dict[str, dict[str, Any]] = {connections.store_variable(graph, each): {} for each in pipelines.stores(graph, pipeline)}
    wanted |= {connections.BROKER_CONNECTION: {"optional": True}} if connections.uses_topics(pipeline) else {}
    return [
        {"name": variable, "valueFrom": {"secretKeyRef": {"name": name, "key": variable, **more}}}
        for variable, more in sorted(wanted.items())
    ]


def volumes(graph: Graph, component: Component) -> list[dict[str, Any]]:
    found = []
    for pipeline in of(graph, component):
        items = [{"key": _key(path), "path": str(path)} for path, _, _ in _files(graph, pipeline)]
        found.append({"name": _volume(pipeline), "configMap": {"name": config_map(pipeline), "items": items}})
    return found


def _volume(pipeline: Pipeline) -> str:
    """Names of volumes are at most 63 characters."""
    name = f"flow-{pipeline.flow.name}"
    return name if len(name) <= 63 else f"flow-{hashlib.sha256(name.encode()).hexdigest()[:16]}"


def schedule(graph: Graph, component: Component) -> tuple[str | None, str | None]:
    """When the job runs, and by which clock: as its flows say where they agree, which review sees to, else as the job says."""
    assert component.runtime is not None
    wanted = {(each.schedule, each.timezone) for each in of(graph, component)}
    return wanted.pop() if len(wanted) == 1 else (component.runtime.schedule, component.runtime.timezone)


def deadline(graph: Graph, component: Component) -> int | None:
    """Seconds after which a run is given up: twice what the slowest flow may take, as to be late is told by an alert first."""
    longest = [each.flow.thresholds.run_time for each in of(graph, component)]
    known = [each.milliseconds for each in longest if each is not None]
    return max(2 * max(known) // 1000, 1) if known and len(known) == len(longest) else None
