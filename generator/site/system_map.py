"""The system map, and the page of each component that it leads to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from generator.artifact import Artifact
from generator.document import diagrams
from generator.graph import Graph, interfaces_of
from generator.model import Component
from generator.text import markdown_code, markdown_link, markdown_list, markdown_text, to_mermaid_id, to_mermaid_label

PATH = "map.html"
THIRD_PARTIES = "services"
"""Section of the document that describes them."""
Edge = tuple[str, str, str, str]
"""Component, arrow, component or third party, and what."""


def path(component: str) -> str:
    return f"components/{component}.html"


def node_links(graph: Graph) -> dict[str, str]:
    """Where a click on a node of a flowchart leads, by the node's identifier."""
    found = {to_mermaid_id(each.domain): f"{PATH}#{domain_anchor(each.domain)}" for each in graph.components if each.domain}
    found |= {to_mermaid_id(f"x-{each.name}"): f"document/{THIRD_PARTIES}.html#third-parties" for each in graph.externals}
    return found | {to_mermaid_id(each.name): path(each.name) for each in graph.components}


def domain_anchor(name: str) -> str:
    return f"domain-{name}"


def overview(graph: Graph) -> str:
    """The landscape, and below it every component by its domain."""
    domains: dict[str, list[Component]] = {}
    for component in graph.components:
        domains.setdefault(component.domain or "", []).append(component)
    lists = [
        f"## {markdown_text(f'Domain {name}' if name else 'Without a domain')}\n\n{_components(members)}"
        for name, members in sorted(domains.items())
    ]
    intro = "Solid where somebody waits for an answer, dotted for messages; a click on a part leads to its page.\n"
    return "\n".join(["# System Map\n", intro, diagrams.landscape(graph), *lists])


def _components(components: Iterable[Component]) -> str:
    return markdown_list(
        (f"{markdown_link(each.title or each.name, path(each.name))}: {markdown_text(each.summary or '') or '–'}" for each in components),
        ordered=False,
    )


def component(graph: Graph, shown: Component, edges: Sequence[Edge], artifacts: Sequence[Artifact], contract: str) -> str:
    """What it is, whom it talks to, and everything that is made for it."""
    about = [f"Component {markdown_code(shown.name)}", f"Team {markdown_text(graph.team(shown))}"]
    about += [f"Domain {markdown_link(shown.domain, f'{PATH}#{domain_anchor(shown.domain)}')}"] if shown.domain else []
    about += [markdown_link("Its part of the contract", contract)]
    runbooks = [each for each in artifacts if each.path.parts[:2] == ("prometheus", "runbooks")]
    others = [each for each in artifacts if each not in runbooks]
    return "\n".join(
        [
            f"# {markdown_text(shown.title or shown.name)}\n",
            f"{markdown_text(shown.summary)}\n" if shown.summary else "",
            markdown_list(about, ordered=False),
            f"## Talks To\n\n{_neighbours(graph, edges)}" if edges else "",
            _section("Offers", [markdown_code(each.id) for each in interfaces_of(graph, shown)]),
            _section("Runbooks", [markdown_link(each.path.stem, each.path.as_posix()) for each in runbooks]),
            _section("Artifacts", [markdown_link(each.path.as_posix(), each.path.as_posix()) for each in others]),
        ]
    )


def _section(title: str, items: Sequence[str]) -> str:
    return f"## {title}\n\n{markdown_list(items, ordered=False)}" if items else ""


def edges_of(graph: Graph) -> Mapping[str, list[Edge]]:
    """What each component has with others, in either direction."""
    found: dict[str, list[Edge]] = {each.name: [] for each in graph.components}
    for edge in sorted(set(_edges(graph))):
        for name in {edge[0], edge[2]} & found.keys():
            found[name].append(edge)
    return found


def _edges(graph: Graph) -> Iterator[Edge]:
    for call in graph.calls:
        targets = [f"x-{call.external.name}"] if call.external is not None else []
        targets += [each.name for each in call.interface.providers] if call.interface is not None else []
        what = ", ".join(each.name for each in call.methods)
        yield from ((call.consumer.name, "-->", target, what) for target in targets if target != call.consumer.name)
    for topic in graph.topics:
        yield from ((topic.publisher.name, "-.->", each.consumer.name, topic.event.name) for each in topic.subscriptions)
    for queue in graph.queues:
        yield from ((each.component.name, "-.->", queue.handler.name, queue.command.name) for each in queue.senders)


def _neighbours(graph: Graph, edges: Sequence[Edge]) -> str:
    """A diagram of its own edges, unless it would be too large to be read, and a list of them."""
    outside = {f"x-{each.name}": each.title or each.name for each in graph.externals}
    names = sorted({name for one, _, other, _ in edges for name in (one, other)})
    nodes = [f"{to_mermaid_id(each)}[{to_mermaid_label(outside.get(each, each))}]" for each in names]
    arrows = sorted({f"{to_mermaid_id(one)} {arrow} {to_mermaid_id(other)}" for one, arrow, other, _ in edges})
    drawn = diagrams.flowchart([*nodes, *arrows]) if len(names) <= diagrams.MOST_NODES else ""
    words = {each: markdown_text(outside[each]) if each in outside else markdown_link(each, path(each)) for each in names}
    rows = [f"{words[one]} to {words[other]}{': ' if what else ''}{markdown_text(what)}" for one, _, other, what in edges]
    return f"{drawn}\n{markdown_list(rows, ordered=False)}"


def by_component(graph: Graph, artifacts: Iterable[Artifact]) -> Mapping[str, list[Artifact]]:
    """The artifacts that carry a component's name in their path."""
    found: dict[str, list[Artifact]] = {each.name: [] for each in graph.components}
    for artifact in artifacts:
        for name in _names(artifact.path) & found.keys():
            found[name].append(artifact)
    return found


def _names(path: PurePosixPath) -> set[str]:
    return {*path.parts, path.name.partition(".")[0]}
