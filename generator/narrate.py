"""The overview of a system, from graph and artifacts: what there is, who uses what and why, what is open."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from generator import chains, names, network
from generator.artifact import Artifact
from generator.graph import Call, Graph
from generator.model import Component
from generator.text import ABSENT, generated_by, markdown_code, markdown_table, markdown_text, to_mermaid_id, to_mermaid_label

OPEN = "not decided"


def narrate(graph: Graph, artifacts: Sequence[Artifact]) -> Iterator[Artifact]:
    """`README.md` of the system's output: it states nothing that the graph does not hold.

    `artifacts` carry their path below the system's output, kind first; those that are there are linked to.
    """
    header = graph.system.header
    known = {artifact.path.as_posix() for artifact in artifacts}
    sections = [
        f"# {markdown_text(header.title or names.title(header.name))}\n\n{markdown_text(header.summary or '')}\n",
        _landscape(graph),
        _components(graph),
        _interfaces(graph, known),
        _calls(graph),
        _budgets(graph),
        _messages(graph, known),
        _stores(graph),
        _externals(graph),
        _decisions(graph),
        _questions(graph),
        _accepted(graph),
    ]
    text = f"<!-- {generated_by(graph.name, ())} -->\n" + "\n".join(section for section in sections if section)
    yield Artifact(PurePosixPath("README.md"), text, (header.at, *(component.at for component in graph.components)))


def _section(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return f"## {title}\n\n{markdown_table(heads, rows)}" if rows else ""


def _landscape(graph: Graph) -> str:
    """The interactions as a Mermaid flowchart: synchronous calls solid, messages dotted."""
    lines = ["flowchart LR"]
    lines += [f"  {to_mermaid_id(each.name)}[{to_mermaid_label(each.title or each.name)}]" for each in graph.components]
    lines += [f"  {to_mermaid_id('x-' + each.name)}[/{to_mermaid_label(each.title or each.name)}/]" for each in graph.externals]
    edges = {(call.consumer.name, _node(call), call.protocol or _protocols(call), "-->") for call in graph.calls}
    for topic in graph.topics:
        edges |= {(topic.publisher.name, each.consumer.name, topic.event.name, "-.->") for each in topic.subscriptions}
    for queue in graph.queues:
        edges |= {(sender.component.name, queue.handler.name, queue.command.name, "-.->") for sender in queue.senders}
    merged: dict[tuple[str, str, str], list[str]] = {}
    for source, target, label, arrow in sorted(edges):
        merged.setdefault((source, target, arrow), []).append(label)
    for (source, target, arrow), labels in merged.items():
        lines.append(f"  {to_mermaid_id(source)} {arrow}|{to_mermaid_label(', '.join(labels))}| {to_mermaid_id(target)}")
    return "## Landscape\n\n```mermaid\n" + "\n".join(lines) + "\n```\n"


def _node(call: Call) -> str:
    if call.interface is not None:
        return call.interface.owner.name if call.interface.owner else call.interface.providers[0].name
    return f"x-{call.target}"


def _protocols(call: Call) -> str:
    return ", ".join(sorted({each.protocol for each in call.external.endpoints})) if call.external else ""


def _components(graph: Graph) -> str:
    rows = [
        [
            markdown_code(each.name),
            *(markdown_text(value or ABSENT) for value in (_purpose(each), each.layer, each.domain, graph.team(each))),
        ]
        for each in graph.components
    ]
    return _section("Components", ["Component", "What it does", "Layer", "Domain", "Owner"], rows)


def _purpose(component: Component) -> str | None:
    return component.summary or "; ".join(component.responsibilities) or component.title


def _interfaces(graph: Graph, known: set[str]) -> str:
    rows = []
    for each in graph.interfaces:
        provider = markdown_code(each.owner.name) if each.owner else f"{len(each.providers)} components"
        files = [f"[OpenAPI](openapi/{each.id}.yaml)"] if f"openapi/{each.id}.yaml" in known else []
        folder = f"proto/{each.package.replace('.', '/')}"
        files += [f"[proto]({folder})"] if any(path.startswith(f"{folder}/") for path in known) else []
        rows.append(
            [markdown_code(each.api.name), provider, str(each.api.version), each.api.visibility, str(len(each.methods)), ", ".join(files)]
        )
    return _section("Interfaces", ["Interface", "Provider", "Version", "Visibility", "Operations", "Files"], rows)


def _calls(graph: Graph) -> str:
    rows = []
    for call in graph.calls:
        use = call.use
        operations = ", ".join(
            markdown_code(name) for name in (*(each.name for each in call.methods), *(use.operations if call.external else ()))
        )
        tries = f"{use.retry.attempts}" + (f" of {use.retry.per_try}" if use.retry.per_try else "") if use.retry else "1"
        timeout = str(use.timeout) if use.timeout else OPEN
        cells = [
            markdown_code(call.consumer.name),
            markdown_code(call.target),
            operations or ABSENT,
            timeout,
            tries,
            _breaker(call),
            _fallback(call),
        ]
        rows.append([*cells, markdown_text(use.why or ABSENT)])
    heads = ["Consumer", "Provider", "Operations", "Timeout", "Tries", "Breaker", "Fallback", "Why"]
    return _section("Synchronous calls", heads, rows)


def _budgets(graph: Graph) -> str:
    """What each work waits for at most, what its callers allow it, how deep its calls go, and on whose availability it rests."""
    gateways = {each.name for each in network.gateways(graph)}
    rows = []
    for work in chains.works(graph):
        longest, parts = chains.longest_wait(graph, work)
        deepest, needed = chains.deepest(graph)[work], chains.needs(graph)[work]
        if not parts or work.component in gateways:
            continue
        first = next(iter(chains.allowed(graph).get(work, ())), None)
        rows.append(
            [
                markdown_code(work.component),
                markdown_text(work.cause) or ABSENT,
                str(longest),
                " + ".join(markdown_text(each.text) for each in parts),
                f"{first.per_try} by {markdown_code(first.call.consumer.name)}" if first is not None else ABSENT,
                " → ".join(markdown_code(each.component) for each in deepest.works) if deepest.steps else ABSENT,
                str(deepest.factor),
                f"{chains.percent(chains.probability(needed))}: {markdown_text(chains.spelt(needed))}"
                if needed != chains.Needs()
                else ABSENT,
            ]
        )
    heads = ["Component", "Cause", "Waits at most", "For", "Is waited for", "Longest chain", "Tries at its end", "Needs"]
    return _section("Budgets", heads, rows)


def _breaker(call: Call) -> str:
    breaker = call.use.breaker
    return "none" if not breaker or breaker is True else f"{breaker.failures} failures, {breaker.open}"


def _fallback(call: Call) -> str:
    fallback = call.use.fallback
    if fallback is None:
        return "none"
    age = f" {fallback.ttl}" if fallback.ttl else ""
    return f"{fallback.type.replace('_', ' ')}{age}" + (f": {markdown_text(fallback.note)}" if fallback.note else "")


def _messages(graph: Graph, known: set[str]) -> str:
    rows = []
    for topic in graph.topics:
        consumers = ", ".join(markdown_code(each.consumer.name) for each in topic.subscriptions) or "nobody yet"
        rows.append(
            [markdown_code(topic.event.name), "event", markdown_code(topic.address), markdown_code(topic.publisher.name), consumers]
        )
    for queue in graph.queues:
        senders = ", ".join(markdown_code(each.component.name) for each in queue.senders) or "nobody yet"
        rows.append(
            [markdown_code(queue.command.name), "command", markdown_code(queue.address), senders, markdown_code(queue.handler.name)]
        )
    table = _section("Messages", ["Message", "Pattern", "Channel", "From", "To"], rows)
    more = "\nThe [catalogue](messages/catalogue.md) says the rest.\n" if "messages/catalogue.md" in known else ""
    return table + more if table else ""


def _stores(graph: Graph) -> str:
    rows = []
    for access in graph.accesses:
        store = access.store
        role = "owner" if access.use is None else f"{access.use.access} ({access.use.via})"
        facts = [str(value) if value is not None else OPEN for value in (store.rpo, store.rto)]
        rows.append(
            [
                markdown_code(store.name),
                markdown_text(" ".join(filter(None, (store.kind, store.version)))),
                markdown_code(access.component.name),
                role,
                *facts,
            ]
        )
    return _section("Stores", ["Store", "Engine", "Component", "Access", "RPO", "RTO"], rows)


def _externals(graph: Graph) -> str:
    rows = []
    for each in graph.externals:
        users = ", ".join(sorted({markdown_code(call.consumer.name) for call in graph.calls if call.external is each})) or ABSENT
        reached = ", ".join(f"{point.protocol} {markdown_code(point.host) if point.host else OPEN}" for point in each.endpoints)
        rows.append(
            [markdown_code(each.name), markdown_text(each.summary or each.title or ABSENT), reached, str(each.limit or ABSENT), users]
        )
    return _section("Third parties", ["Name", "What it is", "Reached by", "Limit", "Used by"], rows)


def _decisions(graph: Graph) -> str:
    rows = [
        [markdown_text(each.name), markdown_text(each.title), markdown_text(each.why), markdown_text("; ".join(each.rejected) or ABSENT)]
        for each in graph.system.document.decisions
    ]
    return _section("Decisions", ["Decision", "What", "Why", "Rejected"], rows)


def _questions(graph: Graph) -> str:
    rows = [
        [
            markdown_text(each.name),
            markdown_text(each.question),
            markdown_text(each.owner or ABSENT),
            each.needed_by or ABSENT,
            ", ".join(markdown_code(key) for key in each.settles) or ABSENT,
        ]
        for each in graph.system.document.open_questions
    ]
    return _section("Open questions", ["Question", "What is to be decided", "Owner", "Needed by", "Settles"], rows)


def _accepted(graph: Graph) -> str:
    """Findings of the review that the contract accepts."""
    document = graph.system.document
    known = [*document.suppressions, *(each for component in graph.components for each in component.suppressions)]
    rows = [[markdown_code(each.rule), markdown_code(each.where), markdown_text(each.why), each.until] for each in known]
    return _section("Accepted findings", ["Rule", "At", "Why", "Until"], sorted(rows))
