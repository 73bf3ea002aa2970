"""Prometheus: what is scraped, recorded and alerted on, a unit test for each alert, and a runbook for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import PurePosixPath
from typing import Any

from generator import objectives, signals
from generator.alerts import Alert, alerts
from generator.artifact import Artifact
from generator.diagnostics import At
from generator.emit.prometheus import alerting, cases, recording, runbooks, scraping
from generator.graph import Graph
from generator.model import Component
from generator.text import generated_by, to_yaml

OBJECTIVES_EVERY = "1m"
"""Windows of objectives are long, and reading them is dear."""


def emit(graph: Graph) -> Iterator[Artifact]:
    """Rules and their tests for each concern of a component or third party; a configuration for each environment and a local one."""
    raised = alerts(graph)
    by_subject = {subject: list(group) for subject, group in groupby(raised, key=lambda each: each.subject)}
    components = {each.name: each for each in graph.components}
    for subject in sorted({*by_subject, *components}):
        yield from _subject(graph, subject, components.get(subject), by_subject.get(subject, []))
    yield from runbooks.pages(graph, raised)
    yield from scraping.configurations(graph)


def _subject(graph: Graph, subject: str, component: Component | None, raised: Sequence[Alert]) -> Iterator[Artifact]:
    """Each concern is a group of rules in a file of its own, which reads nothing that another records."""
    sources = _sources(graph, component, raised)
    header = generated_by(graph.name, sources[:1])
    for part, rules in _parts(graph, subject, component, raised).items():
        own = [each for each in raised if PART[each.name] == part]
        rules += [alerting.rule(graph, each) for each in own]
        if not rules:
            continue
        name = f"{subject}.{part}"
        group = {"name": name, **({"interval": OBJECTIVES_EVERY} if part == "objectives" else {}), "rules": rules}
        yield Artifact(PurePosixPath("rules") / f"{name}.yaml", to_yaml({"groups": [group]}, header), sources)
        if own:
            tests = {"rule_files": [f"../rules/{name}.yaml"], "evaluation_interval": "1m", "tests": cases.tests(graph, own)}
            yield Artifact(PurePosixPath("tests") / f"{name}.yaml", to_yaml(tests, header), sources)


def _parts(graph: Graph, subject: str, component: Component | None, raised: Sequence[Alert]) -> dict[str, list[dict[str, Any]]]:
    """What is recorded; alerts come below what they read, since rules of a group are evaluated one after the other."""
    parts: dict[str, list[dict[str, Any]]] = {"instances": [], "requests": [], "dependencies": [], "messages": [], "objectives": []}
    if component is not None:
        if any(each.name == "ServiceDown" for each in raised):
            parts["instances"].append(recording.instances(graph, component))
        if any(each.name == "JobOverdue" for each in raised):
            parts["instances"].append(recording.job(graph, component))
        parts["requests"] += recording.requests(graph, component)
        parts["dependencies"] += recording.dependencies(graph, component, raised)
        parts["messages"] += recording.messages(graph, component)
    for promised in objectives.of(graph, subject):
        parts["objectives"] += recording.objective(graph, promised)
    return parts


PART = {
    "ServiceDown": "instances", "JobOverdue": "instances", "TelemetryMissing": "instances", "HighErrorRate": "requests",
    "HighCallErrorRate": "dependencies", "CircuitBreakerOpen": "dependencies", "ReplicationLag": "dependencies",
    "HighMessageErrorRate": "messages", "ConsumerLag": "messages",
    "AvailabilityBudgetBurn": "objectives", "LatencyBudgetBurn": "objectives",
}  # fmt: skip


def _sources(graph: Graph, component: Component | None, raised: Sequence[Alert]) -> tuple[At, ...]:
    """The component first, then all that its rules speak of."""
    own = [component.at] if component is not None else []
    if component is not None:
        said = signals.own(graph, component)
        own += [each.at for each in said.served]
        own += [at for each in said.dependencies for at in each.because]
        own += [each.at for each in said.publications]
        own += [each.at for each in said.consumptions]
    own += [at for each in raised for at in each.because]
    return tuple({at.span: at for at in (*own, graph.system.header.at)}.values())
