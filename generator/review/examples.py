"""Examples and defaults are values of their types: every artifact shows them, so a wrong one is wrong everywhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator.diagnostics import Diagnostic, Severity
from generator.graph import Graph
from generator.model import Schema
from generator.review.values import mismatches


def named_examples(graph: Graph) -> Iterator[Diagnostic]:
    """`example-mismatch`, `example-unknown-property` (warning): a named example is no value of its type, or holds a property that the type
    does not define, which an open type allows, and which is nearly always a slip.

    The example feeds documentation, mocks and tests; a wrong one teaches every consumer a wrong document.

        examples: {first: {type: Order, value: {orderId: 7}}}

    Fix: write the value as the type wants it; spell the property as the type does, or add it to the type.
    """
    for reference in graph.examples:
        for example in graph.examples[reference]:
            plain = reference.rpartition(".")[2]
            for found in mismatches(graph, graph.types[reference].schema, example.value):
                code, severity = (
                    ("example-unknown-property", Severity.WARNING) if found.is_unknown else ("example-mismatch", Severity.ERROR)
                )
                what = f"says more than {plain} does" if found.is_unknown else f"is no {plain}"
                yield Diagnostic(code, example.at["value"], f'the example "{example.name}" {what}: {found.message}', found.help, severity)


FOLLOWED = 'has a "$ref" in it, which tools would follow'


def references(graph: Graph) -> Iterator[Diagnostic]:
    """`reference-in-example`: a map in an example has an entry called `$ref`.

    OpenAPI and AsyncAPI tools take an object with a `$ref` for a reference, also in an example, and look for what it names.

        examples: {first: {type: Labels, value: {$ref: "#/x"}}}

    Fix: give the entry of the example another name.
    """
    for examples in graph.examples.values():
        for example in examples:
            if _holds_reference(example.value):
                message = f'the example "{example.name}" {FOLLOWED}'
                yield Diagnostic("reference-in-example", example.at["value"], message, "give the entry another name")


def _holds_reference(value: Any) -> bool:
    if isinstance(value, dict):
        return "$ref" in value or any(map(_holds_reference, value.values()))
    return isinstance(value, list) and any(map(_holds_reference, value))


def defaults(graph: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`default-mismatch`, `reference-in-example`: a default is no value of its own type, or a map in it has an entry called `$ref`.

    Clients fill in the default and servers refuse the request; or tools follow the `$ref` to nowhere.

        limit: {type: integer, maximum: 100, default: 500}

    Fix: write a default that the type allows, leave it out where it was `null`, and give an entry called `$ref` another name.
    """
    if "default" not in schema.at.keys:
        return
    if schema.default is None:
        yield Diagnostic("default-mismatch", schema.at["default"], "null is no value, and so no default", "leave the default out")
        return
    if _holds_reference(schema.default):
        yield Diagnostic("reference-in-example", schema.at["default"], f"the default {FOLLOWED}", "give the entry another name")
    for found in mismatches(graph, schema, schema.default):
        if not found.is_unknown:
            yield Diagnostic("default-mismatch", schema.at["default"], f"the default does not fit its type: {found.message}", found.help)


RULES = (named_examples, references)
SCHEMA_RULES = (defaults,)
