"""protobuf JSON: examples are messages, as Google's own library reads and writes them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from generator import tools
from generator.diagnostics import Diagnostic, Span

TOOL = "protobuf json"
PROVES = "each example is a message of its type, and protobuf loses nothing of it"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "kind"

ENDING = ".examples.json"


def available() -> str | None:
    return tools.version("protobuf")


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Every example that is refused, or comes back with something missing."""
    shown = [file for file in files if file.name.endswith(ENDING)]
    if not shown:
        return
    protos = [str(file) for file in files if file.suffix == ".proto"]
    messages = _compiled(folder, protos)
    if isinstance(messages, str):
        yield Diagnostic(f"{TOOL}/no-descriptors", Span(protos[0]), messages)
        return
    for file in shown:
        package = ".".join(file.parent.parts)
        text = (folder / file).read_text(encoding="utf-8")
        for message, named in json.loads(text).items():
            for name, value in named.items():
                if trouble := _trouble(messages, f"{package}.{message}", value):
                    yield Diagnostic(f"{TOOL}/refused", _place(file, text, message, name), f'the example "{name}" of {message}: {trouble}')


def _place(file: PurePosixPath, text: str, *keys: str) -> Span:
    """Where the example stands; the file is laid out with a key on each line."""
    found = 0
    for depth, key in enumerate(keys, 1):
        found = max(found, text.find(f"\n{'  ' * depth}{json.dumps(key, ensure_ascii=False)}: ", found))
    return Span(str(file), text.count("\n", 0, found + 1) + 1, 2 * len(keys) + 1)


def _compiled(folder: Path, protos: Sequence[str]) -> Callable[[str], type[Any]] | str:
    """Message classes by full name, or why there are none."""
    from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

    with tempfile.TemporaryDirectory(prefix="interlock-protoc-") as name:
        target = Path(name) / "descriptors"
        command = [sys.executable, "-P", "-m", "grpc_tools.protoc", "-I.", "--include_imports", f"--descriptor_set_out={target}", *protos]
        done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", errors="replace", check=False)
        if done.returncode:
            return " ".join(done.stderr.split())[:400]
        found = descriptor_pb2.FileDescriptorSet.FromString(target.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in found.file:
        pool.Add(file)
    return lambda full: message_factory.GetMessageClass(pool.FindMessageTypeByName(full))


def _trouble(messages: Callable[[str], type[Any]], name: str, value: Any) -> str | None:
    from google.protobuf import json_format

    try:
        message = messages(name)
        there = json_format.ParseDict(value, message())
        back = json_format.MessageToDict(message.FromString(there.SerializeToString()), always_print_fields_with_no_presence=True)
    except (json_format.ParseError, KeyError, ValueError) as error:
        return " ".join(str(error).split())
    lost = sorted(_lost(value, back, ""))
    return f"{', '.join(lost)} is lost" if lost else None


def _lost(sent: Any, got: Any, place: str) -> Iterator[str]:
    """Where something was and no longer is."""
    if isinstance(sent, dict) and isinstance(got, dict):
        for key, value in sent.items():
            yield from _lost(value, got[key], f"{place}.{key}") if key in got else [f"{place}.{key}"]
    elif isinstance(sent, list) and isinstance(got, list):
        if len(sent) != len(got):
            yield place
        for number, (one, other) in enumerate(zip(sent, got, strict=False)):
            yield from _lost(one, other, f"{place}[{number}]")
