"""Pydantic models of every interface and message, as an installable Python package."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from generator import envelopes, names
from generator.artifact import Artifact
from generator.diagnostics import At
from generator.emit.clients import package
from generator.emit.clients.bundle import DIALECT, bundle
from generator.graph import Graph, Interface
from generator.model import Component, Schema
from generator.text import comment, generated_by

Top = tuple[str, Schema]
"""A schema that a module must show, and the name of its class when it is no named type."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module of the package: whose names come first in it, what it is about, and what it shows."""

    name: str
    owner: str | None
    about: str
    at: At
    tops: tuple[Top, ...]


def emit(graph: Graph) -> Iterator[Artifact]:
    """One module per interface and one per component that defines messages; each stands alone."""
    home = package.import_name(graph)
    source = PurePosixPath("src", home)
    whole = (graph.system.header.at,)
    header = comment(generated_by(graph.name, whole), "#")
    shown = list(modules(graph))
    yield Artifact(PurePosixPath("pyproject.toml"), header + package.pyproject(graph), whole)
    yield Artifact(source / "__init__.py", header + package.init(graph, (each.name for each in shown)), whole)
    yield Artifact(source / "py.typed", "", whole)
    yield Artifact(source / f"{package.WIRE}.py", header + package.WIRE_SOURCE, whole)
    for module in shown:
        types = tuple(graph.types[each].at for each in graph.closure(schema for _, schema in module.tops))
        yield Artifact(source / f"{module.name}.py", _text(graph, module, f"{home}.{package.WIRE}"), (module.at, *types))


def prepare() -> None:
    """The library loads most of itself with the first model that it makes."""
    _models(
        {"$schema": DIALECT, "$defs": {"First": {"type": "object", "properties": {"name": {"type": "string"}}}}},
        "",
        f"{package.WIRE}.{package.BASE}",
    )


def modules(graph: Graph) -> Iterator[Module]:
    """The modules that hold models; the class of a named type in them is `bundle.class_names`."""
    taken = {"__init__", package.WIRE}
    for interface in graph.interfaces:
        name = package.free(package.module_name(interface.id), taken)
        about = f"Models of the interface {interface.id}, version {interface.api.version}."
        yield Module(name, interface.scope, about, interface.at, tuple(_shown(interface)))
    for component in graph.components:
        tops = tuple(_carried(graph, component))
        if tops:
            name = package.free(package.module_name(f"{component.name}.messages"), taken)
            yield Module(name, component.name, f"Models of the messages that {component.name} defines.", component.at, tops)


def _shown(interface: Interface) -> Iterator[Top]:
    """Requests and answers by operation; parameters for the types they name."""
    for method in interface.methods:
        name = names.pascal(method.name)
        yield from ((f"{name}{names.pascal(each.name)}", each.schema) for each in method.parameters if each.schema.ref)
        yield from _named(name, Request=method.request, Response=method.response)


def _carried(graph: Graph, component: Component) -> Iterator[Top]:
    """Payload of each message that the component defines, and the whole message where an envelope is around it."""
    for message in envelopes.messages(graph):
        if message.owner.name == component.name:
            yield from _named(message.name, Payload=message.payload)
            whole = envelopes.message_type(graph, message)
            if whole is not message.payload:
                yield from _named(message.name, Message=whole)


def _named(name: str, **schemas: Schema | None) -> Iterator[Top]:
    """Those that are worth a class: a page of HTML is a text, and its model would be another name for `str`."""
    for ending, schema in schemas.items():
        if schema is not None and (schema.ref or schema.one_of or schema.type in ("object", "array")):
            yield f"{name}{ending}", schema


def _text(graph: Graph, module: Module, wire: str) -> str:
    schema = bundle(graph, module.owner, module.tops, wire)
    header = f'{comment(generated_by(graph.name, (module.at,)), "#")}"""{module.about}"""'
    return _models(schema, header, f"{wire}.{package.BASE}") if schema["$defs"] else f"{header}\n"


def _models(schema: dict[str, Any], header: str, base_class: str) -> str:
    """The schema's definitions as Pydantic models, as the library writes them.

    Its formatters would read the pyproject.toml of whoever runs us, so none is used.
    """
    from datamodel_code_generator import InputFileType, LiteralType, generate  # slow to import: only when models are wanted
    from datamodel_code_generator.enums import DataModelType, StrictTypes
    from datamodel_code_generator.format import PythonVersion

    text = generate(
        schema,
        input_file_type=InputFileType.JsonSchema,
        output_model_type=DataModelType.PydanticV2BaseModel,
        target_python_version=PythonVersion.PY_311,
        formatters=[],
        custom_file_header=header,
        base_class=base_class,
        skip_root_model=True,
        use_type_alias=True,
        use_type_alias_type=True,
        disable_appending_item_suffix=True,
        enum_field_as_literal=LiteralType.All,
        strict_types=[StrictTypes.int, StrictTypes.float, StrictTypes.bool],
        strict_nullable=True,
        snake_case_field=True,
        use_annotated=True,
        field_constraints=True,
        use_schema_description=True,
        use_field_description=True,
    )
    assert isinstance(text, str), "one document becomes one module"
    return _tidied(f"{text.rstrip()}\n")


IMPORTS = re.compile(r"^(?:from (?!__future__).+\n)+", re.MULTILINE)


def _tidied(text: str) -> str:
    """The library leaves imports in the order it met them, and a blank line too many around aliases."""
    text = re.sub(r"\n{4,}(?=\w+ = TypeAliasType)", "\n\n\n", text)
    found = IMPORTS.search(text)
    assert found is not None, "the base class is imported"
    lines = sorted(found[0].splitlines(), key=lambda line: line.split()[1])
    groups = [[line for line in lines if line.startswith("from typing ") is standard] for standard in (True, False)]
    block = "\n\n".join("\n".join(group) for group in groups if group)
    return IMPORTS.sub(lambda _: f"{block}\n", text, count=1)
