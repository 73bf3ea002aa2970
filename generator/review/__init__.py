"""The rules that keep a contract from being wrong: each says what it finds, why that hurts, and shows the smallest example."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from generator.diagnostics import Diagnostic, arranged
from generator.graph import Graph, Interface, Method
from generator.model import Schema
from generator.review import (
    alerting,
    architecture,
    auditing,
    capture,
    channels,
    copies,
    credentials,
    deployment,
    destinations,
    examples,
    flows,
    interfaces,
    mappings,
    messages,
    naming,
    pipelines,
    privacy,
    promises,
    queries,
    questions,
    reach,
    running,
    tables,
    timing,
    types,
    unions,
)
from generator.review.schemas import every_schema, is_lost, is_plain

Rule = Callable[[Graph], Iterator[Diagnostic]]
SchemaRule = Callable[[Graph, Schema], Iterator[Diagnostic]]
MethodRule = Callable[[Graph, Interface, Method], Iterator[Diagnostic]]

SCHEMA_RULES: tuple[SchemaRule, ...] = (*types.SCHEMA_RULES, *unions.SCHEMA_RULES, *examples.SCHEMA_RULES, *naming.SCHEMA_RULES)
METHOD_RULES: tuple[MethodRule, ...] = interfaces.METHOD_RULES


def review(graph: Graph, today: str | None = None) -> list[Diagnostic]:
    """Every finding of every rule, in reading order; never raises, whatever the contract says.

    `today` is the day as `2026-11-26`; without it, rules that ask for the day are left out.
    """
    dated = [found for rule in architecture.DATED_RULES for found in rule(graph, today)] if today is not None else []
    return arranged([*(found for rule in RULES for found in rule(graph)), *dated])


def schemas(graph: Graph) -> Iterator[Diagnostic]:
    """Each schema is looked at once, by all rules that need one schema at a time."""
    for schema in every_schema(graph):
        if not is_plain(schema) and not is_lost(schema):
            for rule in SCHEMA_RULES:
                yield from rule(graph, schema)


def methods(graph: Graph) -> Iterator[Diagnostic]:
    """Each operation is looked at once, by all rules that need one operation at a time."""
    for interface in graph.interfaces:
        for method in interface.methods:
            for rule in METHOD_RULES:
                yield from rule(graph, interface, method)


RULES: tuple[Rule, ...] = (
    schemas,
    methods,
    *types.RULES,
    *examples.RULES,
    *interfaces.RULES,
    *running.RULES,
    *deployment.RULES,
    *reach.RULES,
    *messages.RULES,
    *channels.RULES,
    *capture.RULES,
    *naming.RULES,
    *promises.RULES,
    *alerting.RULES,
    *auditing.RULES,
    *questions.RULES,
    *tables.RULES,
    *flows.RULES,
    *mappings.RULES,
    *destinations.RULES,
    *pipelines.RULES,
    *queries.RULES,
    *timing.RULES,
    *copies.RULES,
    *privacy.RULES,
    *credentials.RULES,
    *architecture.RULES,
)
JUDGEMENTS = (*architecture.RULES, *architecture.DATED_RULES)
"""Rules whose errors a team can accept."""
MANUAL = (*RULES[2:], *architecture.DATED_RULES, *SCHEMA_RULES, *METHOD_RULES)
"""Every rule; its docstring opens with the codes that it reports, and is their page in the manual."""
