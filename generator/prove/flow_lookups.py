"""protobuf: each look-up over gRPC asks a method that its descriptors have, with fields of the request, and takes fields of the response."""

from __future__ import annotations

import base64
import importlib
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Literal

from generator import tools
from generator.diagnostics import Diagnostic, Span
from generator.prove import beam
from generator.prove.openapi_spec import place

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

TOOL = "protobuf"
PROVES = "descriptors of look-ups build, and have each method, field and value that a look-up names"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

ASKING = "LookUpGrpc"
DESCRIPTORS = "descriptors"
"""Folder beside a pipeline; and the key in its files with a FileDescriptorSet in base64."""

WELL_KNOWN = "google/protobuf/"
"""How the files begin that come with protobuf itself."""


def available() -> str | None:
    return tools.version("protobuf")


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    for file in files:
        if file.name == beam.PIPELINE:
            text = (folder / file).read_text(encoding="utf-8")
            for number, step in enumerate(beam.steps(text)):
                config = step.get("config")
                if step.get("type") == ASKING and isinstance(config, dict):
                    for steps, code, words in _faults(folder / file.parent, config):
                        yield Diagnostic(f"{TOOL}/{code}", place(text, file, ["pipeline", "transforms", number, "config", *steps]), words)
        elif file.parent.name == DESCRIPTORS and file.suffix == ".json":
            try:
                _pool(folder / file)
            except (TypeError, ValueError, KeyError, ImportError) as error:
                yield Diagnostic(f"{TOOL}/refused", Span(str(file)), str(error))


def _faults(flow: Path, config: Mapping[str, Any]) -> Iterator[tuple[list[str | int], str, str]]:
    """Each with the steps to its place in the settings."""
    try:
        pool = _pool(flow / str(config.get("descriptors")))
    except OSError:
        yield ["descriptors"], "no-descriptors", f"there is no file {config.get('descriptors')}"
        return
    except (TypeError, ValueError, KeyError, ImportError):
        return  # said of the file
    method = _method(pool, str(config.get("method")))
    if method is None:
        yield ["method"], "unknown-method", f"{config['descriptors']} has no method {config.get('method')}"
        return
    for name in config.get("request") or {}:
        if _field(method.input_type, name) is None:
            yield ["request", name], "unknown-field", f"{method.input_type.full_name} has no field {name}"
    for name, taken in (config.get("fields") or {}).items():
        field = _field(method.output_type, taken["take"])
        if field is None:
            yield ["fields", name, "take"], "unknown-field", f"{method.output_type.full_name} has no field {taken['take']}"
            continue
        known = field.enum_type.values_by_name if field.enum_type is not None else {}
        for value in taken.get("values") or {}:
            if value not in known:
                yield ["fields", name, "values", value], "unknown-value", f"{field.full_name} is never {value}"


def _pool(path: Path) -> Any:
    from google.protobuf import descriptor_pool
    from google.protobuf.descriptor_pb2 import FileDescriptorSet
    from google.protobuf.message import DecodeError

    pool = descriptor_pool.DescriptorPool()
    try:
        found = FileDescriptorSet.FromString(base64.b64decode(json.loads(path.read_text(encoding="utf-8"))[DESCRIPTORS], validate=True))
    except DecodeError as error:
        raise ValueError(str(error)) from error
    own = {each.name for each in found.file}
    for name in sorted({name for each in found.file for name in each.dependency if name.startswith(WELL_KNOWN)} - own):
        module = importlib.import_module(f"{name.removesuffix('.proto').replace('/', '.')}_pb2")
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    for each in found.file:
        pool.Add(each)
        pool.FindFileByName(each.name)
    return pool


def _method(pool: Any, path: str) -> MethodDescriptor | None:
    service, _, name = path.strip("/").rpartition("/")
    try:
        found: MethodDescriptor | None = pool.FindServiceByName(service).methods_by_name.get(name)
    except KeyError:
        return None
    return found


def _field(message: Descriptor, name: str) -> FieldDescriptor | None:
    """By its name in JSON, or in the proto."""
    return next((each for each in message.fields if name in (each.json_name, each.name)), None)
