"""A flow's pipeline, the providers of its transforms, and the overlay of each environment, as files."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from generator import connections, names
from generator.beam import checking, descriptors, fields, reading, writing
from generator.beam.steps import Step, in_store
from generator.diagnostics import At
from generator.graph import Graph, Interface, Pipeline, StoreAccess
from generator.model import Schema
from generator.text import generated_by, to_json, to_yaml

PIPELINE, PROVIDERS = PurePosixPath("pipeline.yaml"), PurePosixPath("providers.yaml")
OVERLAYS, DESCRIPTORS = PurePosixPath("overlays"), PurePosixPath("descriptors")
MODULES = {
    "CheckRecords": "checks",
    "CommitOffsets": "topics",
    "LogRun": "runs",
    "PublishMessages": "topics",
    "ReadMessages": "topics",
    "WriteEntries": "entries",
}
"""Transforms that are the same everywhere, and the module of the provider package that has them."""
LOOKUPS = ("LookUpGrpc", "LookUpHttp")
"""Transforms that in a unit test of the flow have nobody to ask."""
BEGINS_TEMPLATE = re.compile(r"\{(?=[{%#])")
"""A brace that means something to Jinja, through which Beam sends every pipeline: a text could run whatever it likes there."""
BRACE = "{% raw %}{{% endraw %}"
"""How one is written that means nothing."""
File = tuple[PurePosixPath, str, tuple[At, ...]]


def package(graph: Graph) -> str:
    """Import name of the provider package."""
    return f"{names.snake(graph.name)}_flows"


def is_complete(pipeline: Pipeline) -> bool:
    """Whether all that the flow names is there; what is missing has been reported."""
    return bool(pipeline.sources) and bool(pipeline.targets)


def complete(graph: Graph) -> tuple[Pipeline, ...]:
    return tuple(sorted((each for each in graph.pipelines if is_complete(each)), key=lambda each: each.id))


def files(graph: Graph, pipeline: Pipeline) -> Iterator[File]:
    """Everything that Beam needs to run the flow, but for the provider package."""
    because = sources(graph, pipeline)
    header = generated_by(graph.name, because[:1])
    found = steps(graph, pipeline)
    yield PIPELINE, _pipeline(header, found), because
    yield PROVIDERS, to_yaml([_provider(_same_everywhere(graph, found))], header), because
    for overlay in overlay_names(graph):
        yield OVERLAYS / f"{overlay}.yaml", _overlay(graph, pipeline, found, overlay, header), (*because, *_environment(graph, overlay))
    for interface in asked_over_grpc(pipeline):
        file = descriptors.file_of(graph, interface)
        text = to_json({"descriptors": descriptors.descriptor_set(graph, interface)})
        yield PurePosixPath(checking.descriptor_path(interface)), text, (pipeline.component.at, interface.at, *file.sources)


def steps(graph: Graph, pipeline: Pipeline) -> tuple[Step, ...]:
    """The pipeline from sources to the record of the run."""
    given = fields.of_sources(graph, pipeline)
    found = [*reading.steps(graph, pipeline, given)]
    found += checking.find_steps(graph, pipeline, given, reading.last(pipeline))
    before = found[-1].name if pipeline.references else reading.last(pipeline)
    check = checking.check_step(pipeline, given, before)
    if check is not None:
        found.append(check)
        before = check.name
    passed = before
    found += checking.lookup_steps(graph, pipeline, given, before)
    found.append(writing.map_step(graph, pipeline, fields.before_mapping(graph, pipeline), found[-1].name if pipeline.lookups else before))
    found += writing.steps(graph, pipeline)
    return (*found, *writing.run_steps(graph, pipeline, given, passed))


def asked_over_grpc(pipeline: Pipeline) -> tuple[Interface, ...]:
    calls = [each.call for each in pipeline.lookups if each.call is not None and each.call.protocol == "grpc"]
    return tuple(
        {each.interface.id: each.interface for each in sorted(calls, key=lambda each: each.target) if each.interface is not None}.values()
    )


def overlay_names(graph: Graph) -> tuple[str, ...]:
    """Those of the environments, and the two that every flow has."""
    return tuple(sorted({*(each.name for each in graph.system.document.environments), connections.LOCAL, connections.TESTS}))


def _environment(graph: Graph, overlay: str) -> tuple[At, ...]:
    return tuple(each.at for each in graph.system.document.environments if each.name == overlay)


def _pipeline(header: str, found: tuple[Step, ...]) -> str:
    """Only the name of the overlay is filled in when it runs; whatever a contract says is text, and no template."""
    head = {"options": {"streaming": False}, "providers": [{"include": str(PROVIDERS)}, {"include": "overlays/{{ environment }}.yaml"}]}
    body = {"pipeline": {"type": "composite", "transforms": [each.to_data() for each in found]}}
    return to_yaml(head, header) + BEGINS_TEMPLATE.sub(BRACE, to_yaml(body))


def _provider(transforms: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "python", "config": {}, "transforms": dict(sorted(transforms.items()))}


def _same_everywhere(graph: Graph, found: tuple[Step, ...]) -> dict[str, str]:
    return {each.type: f"{package(graph)}.{MODULES[each.type]}.{each.type}" for each in found if each.type in MODULES}


def _overlay(graph: Graph, pipeline: Pipeline, found: tuple[Step, ...], overlay: str, header: str) -> str:
    """Which database each store is, and who answers look-ups."""
    used = {each.type for each in found}
    transforms: dict[str, str] = {}
    told = []
    for access in stores(graph, pipeline):
        engine = connections.engine(access.store)
        stands_in = connections.LOCAL_ENGINES.get(engine, engine) if overlay in (connections.LOCAL, connections.TESTS) else engine
        if stands_in != engine:
            told.append(f"{access.store.name}: {engine} is replaced by {stands_in}, with tables of the same shape.")
        for type in sorted(used):
            transform = next((each for each in _IN_STORES if in_store(graph, each, access) == type), None)
            if transform is not None:
                transforms[type] = f"{package(graph)}.{stands_in}.{transform}"
    for type in LOOKUPS:
        if type in used:
            own = type.replace("LookUp", "Unanswered") if overlay == connections.TESTS else type
            transforms[type] = f"{package(graph)}.lookups.{own}"
    if overlay == connections.TESTS:
        told.append("For unit tests: nothing is connected, and look-ups are never answered.")
    return to_yaml([_provider(transforms)], "\n".join([header, *told]))


_IN_STORES = ("AppendRows", "FindReferences", "KeepRejected", "LookUpRows", "MergeRows", "ReadChanged", "ReadWatermarks", "RecordRun")


def stores(graph: Graph, pipeline: Pipeline) -> list[StoreAccess]:
    """Every store that the flow reads or writes, looks something up in, or finds references in."""
    found = [*connections.accesses(pipeline)]
    tables = [table for _, table in pipeline.references] + [each.table for each in pipeline.lookups if each.table is not None]
    found += [checking.access_of(graph, pipeline, each) for each in tables]
    return list({in_store(graph, "", each): each for each in found}.values())


def sources(graph: Graph, pipeline: Pipeline) -> tuple[At, ...]:
    """Every record of the contract that the pipeline comes from; the component first, the flow after it."""
    runtime = pipeline.component.runtime
    found: list[At] = [pipeline.component.at, pipeline.at, graph.system.header.at, *([runtime.at] if runtime else [])]
    shown: list[Schema] = []
    for access in stores(graph, pipeline):
        found += [access.at, access.store.at, access.owner.at]
    for source in pipeline.sources:
        shown += [source.row] if source.row is not None else []
        found += [source.table.at] if source.table else []
        found += [source.topic.at, *(each.at for each in source.topic.subscriptions)] if source.topic else []
    for lookup in pipeline.lookups:
        found += [lookup.call.at] if lookup.call else []
        found += [lookup.method.at] if lookup.method else []
        found += [lookup.call.interface.at] if lookup.call and lookup.call.interface else []
        found += [lookup.table.at] if lookup.table else []
        shown += [each for each in (lookup.taken, lookup.method.response if lookup.method else None) if each is not None]
    for target in pipeline.targets:
        found += [target.table.at] if target.table else []
        found += [target.topic.at, target.topic.publisher.at] if target.topic else []
        shown += [target.table.table.row] if target.table else [target.topic.event.payload] if target.topic else []
    found += [table.at for _, table in pipeline.references]
    if pipeline.quarantine is not None:
        shown += [each.row for each in pipeline.quarantine.store.tables]
    found += [graph.types[each].at for each in graph.closure(shown)]
    return tuple(found)
