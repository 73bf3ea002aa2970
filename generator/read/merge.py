"""Reads a system's folder: every file, every document, merged into one; what is defined twice is shown twice."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml

from generator.diagnostics import At, Diagnostic, Related, Span, arranged
from generator.model import Component, System, SystemDocument
from generator.read import field_lock, measured
from generator.read.decode import decode
from generator.read.located_yaml import Node, documents
from generator.read.pages import read_pages, read_templates
from generator.read.scalars import Reading
from generator.read.shapes import fields_of

ENDINGS = (".yaml", ".yml")
ANYTHING = "*"
"""Among the lost names: a file could not be read to its end, and nobody knows what it would have defined."""


def read(folder: Path) -> tuple[System | None, list[Diagnostic]]:
    """What a system's contract says, and all that is wrong with how it says it; never raises on bad input.

    The system is None only when no document says what the system is.
    """
    found: list[Diagnostic] = []
    lost: set[str] = set()
    parts: list[SystemDocument] = []
    components: list[Component] = []
    for path in contract_files(folder):
        file = path.as_posix()
        if not path.resolve().is_relative_to(folder.resolve()):
            found.append(Diagnostic("foreign-reference", Span(file), "the file is a link to a place outside of the contract"))
            continue
        for node in documents(path, file):
            if isinstance(node, Diagnostic):
                found.append(node)
                lost.add(ANYTHING)
                continue
            reading = Reading(file)
            _take(node, reading, parts, components)
            found += reading.found
            lost |= reading.lost
    document, twice = _merged(parts)
    components, again = _unique(components, "component")
    lock_path = folder / field_lock.FILE_NAME
    locked, lock_found = field_lock.read_lock(lock_path, lock_path.as_posix())
    measured_path = folder / measured.FILE_NAME
    seen, seen_found = measured.read_measured(measured_path, measured_path.as_posix())
    pages, missing = read_pages(folder, document, components)
    found += [*twice, *again, *lock_found, *seen_found, *missing]
    if document.system is None:
        found += [] if {"system", ANYTHING} & lost else [_no_system(folder, bool(parts or components), found)]
        return None, arranged(found)
    templates = read_templates(folder)
    return System(document, tuple(components), locked, frozenset(lost), pages, folder.as_posix(), templates, seen), arranged(found)


def contract_files(folder: Path) -> list[Path]:
    """The contract files of a system in a stable order; hidden ones are none."""
    paths = (path for path in folder.rglob("*") if path.suffix in ENDINGS and path.is_file())
    return sorted(path for path in paths if not any(part.startswith(".") for part in path.relative_to(folder).parts))


def _no_system(folder: Path, has_documents: bool, found: list[Diagnostic]) -> Diagnostic:
    if not has_documents and not found:
        return Diagnostic(
            "empty-system", Span(folder.as_posix()), "the folder holds no contract", "interlock init writes one to start from"
        )
    help = "say in one file: interlock: 1, and system with name and owner"
    return Diagnostic("no-system", Span(folder.as_posix()), "no file says what the system is", help)


def _take(node: Node, reading: Reading, parts: list[SystemDocument], components: list[Component]) -> None:
    """Decodes a document as what its keys say it is."""
    if not isinstance(node, yaml.MappingNode):
        reading.report(
            "wrong-type", node, "the document is not a mapping", "a document starts with `component: name` or with `interlock: 1`"
        )
        return
    keys = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
    if "component" in keys:
        name = keys["component"].value if isinstance(keys["component"], yaml.ScalarNode) else "component"
        component = decode(Component, node, reading, (name,))
        reading.lost |= {name} if component is None else set()
        components += [component] if component is not None else []
        return
    part = decode(SystemDocument, node, reading)
    if part is not None:
        reading.lost |= {"system"} if "system" in keys and part.system is None else set()
        parts.append(part)


def _merged(parts: list[SystemDocument]) -> tuple[SystemDocument, list[Diagnostic]]:
    """One document of all: lists of names joined, single facts taken from the one place that states them."""
    found: list[Diagnostic] = []
    values: dict[str, Any] = {}
    places: dict[str, Span] = {}
    for shape in fields_of(SystemDocument):
        given = [(getattr(part, shape.attribute), part.at) for part in parts]
        given = [(value, at) for value, at in given if value not in (None, ())]
        if not given:
            continue
        if shape.key == "suppressions":
            values[shape.attribute] = tuple(sorted((record for value, _ in given for record in value), key=repr))
        elif isinstance(given[0][0], tuple):
            values[shape.attribute], twice = _unique([record for value, _ in given for record in value], shape.key)
            values[shape.attribute] = tuple(values[shape.attribute])
            found += twice
        else:
            values[shape.attribute] = given[0][0]
            found += (
                [] if shape.key == "interlock" else [_stated_twice(shape.key, at[shape.key], given[0][1][shape.key]) for _, at in given[1:]]
            )
        places[shape.key] = given[0][1][shape.key]
    first = parts[0].at.span if parts else Span("<none>")
    return dataclasses.replace(SystemDocument(), **values, at=At(first, (), places)), found


def _stated_twice(key: str, at: Span, first: Span) -> Diagnostic:
    return Diagnostic(
        "duplicate-key", at, f'"{key}" is stated in two places', "keep it in one file", related=(Related(first, "first stated here"),)
    )


def _unique(records: Iterable[Any], what: str) -> tuple[list[Any], list[Diagnostic]]:
    """The first record of each name, sorted, and a finding for each further one."""
    found: list[Diagnostic] = []
    first: dict[str, Any] = {}
    for record in records:
        if record.name in first:
            related = (Related(first[record.name].at["component"], "first defined here"),)
            message = f'the {what.removesuffix("s")} "{record.name}" is defined twice'
            found.append(Diagnostic("duplicate-name", record.at["component"], message, "rename or delete one of them", related=related))
        else:
            first[record.name] = record
    return [first[name] for name in sorted(first)], found
