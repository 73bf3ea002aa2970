"""What diagrams state: boxes are names, arrows are calls, messages, events and stores."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.extract.blocks import Diagram
from generator.extract.diagrams import Drawing, Edge, Node, arrows_of, drawing_of, edges_by_id
from generator.extract.facts import Authority, Confidence, Fact, Source
from generator.extract.findings import CALLABLE, Findings, Page
from generator.extract.mentions import HAPPENED
from generator.extract.naming import (
    Names,
    engine_of,
    kind_by_name,
    looks_like_event,
    name_words,
    written,
)
from generator.extract.outline import EXTERNAL_MARK, Placed
from generator.extract.values import OPERATION, protocol
from generator.extract.vocabulary import (
    HEADS,
    folded,
    section_of,
)

LEGEND = re.compile(r"\b(?:legend|key|legende|leyenda)\b")


PLAIN = ("", "text", "txt", "plaintext", "ascii")


def drawings(block: Diagram) -> Drawing | None:
    """A diagram of who talks to whom; None for other languages and for flow charts of a process."""
    if block.language in PLAIN and (listed := arrows_of(block.lines, block.source.line + 1)):
        return listed
    head = next((line.strip().lower() for line in block.lines if line.strip()), "")
    if block.language not in ("mermaid", "plantuml", "puml", "") or not head.startswith(
        ("flowchart", "graph", "sequencediagram", "c4", "@startuml", "%%", "---")
    ):
        return None
    drawing = drawing_of(block.lines, block.source.line + 1)
    for name in [name for name, node in drawing.nodes.items() if LEGEND.search(folded(node.group))]:
        del drawing.nodes[name]
    return None if any(node.hint == "decision" for node in drawing.nodes.values()) else drawing


DEVICES = re.compile(
    r"(?:an? |the )?(?:charger|sensor|meter|scanner|camera|printer|turnstile|handheld|tablet|phone|smartphone|device|gate|barrier|locker|beacon|tracker|vehicle|buse|robot|drone|machine|till|scale)s?"
)
"""What people hold or what stands in the field, where nothing says that it runs a part of the system."""


def node_kind(node: Node) -> str:
    looks = "actor" if DEVICES.fullmatch(folded(node.label).strip()) else kind_by_name(node.label)
    if node.hint in ("store", "external", "actor", "broker", "component", "system"):
        if node.hint == "store" and looks in ("broker", "event"):
            return looks
        return node.hint
    frame = node.group.rpartition(" / ")[2]
    concept = section_of(frame) if frame else None
    if OUTSIDE.fullmatch(folded(frame).strip(" :.")):
        return "external"
    if concept == "external" and looks != "actor":
        return "external"
    if concept == "event" and looks == "component":
        return "event"
    if EXTERNAL_MARK.search(node.label) or EXTERNAL_MARK.search(f"({node.technology})"):
        return "external"
    return "store" if looks == "component" and engine_of(node.technology) and node.hint else looks


def diagram_sightings(block: Diagram, findings: Findings, titles: Sequence[str]) -> None:
    drawing = drawings(block)
    page = Page(Names(()), findings, has_inventory=False, titles=titles)
    is_of_context = bool(drawing and block.path and CONTEXT.search(folded(block.path[-1].text))) and _has_one_inside(drawing, page)
    inside = sum(bool(node.group) for node in drawing.nodes.values()) if drawing else 0
    is_framed = drawing is not None and inside >= FRAMED and inside > len(drawing.nodes) / 2
    others = _are_round(drawing) if drawing else False
    for node in drawing.nodes.values() if drawing else ():
        if PLANNED.search(folded(node.group)):
            continue
        kind = node_kind(node)
        if kind == "component" and not node.group and (is_of_context or (is_framed and not set(name_words(node.label)[-1:]) & HEADS)):
            kind = "external"
        kind = "external" if kind == "component" and others and node.hint == "round" else kind
        words = written(node.label).title.split()
        if (
            kind in ("component", "external", "store", "event", "actor", "broker")
            and 0 < len(words) <= 5
            and not page.is_system(node.label)
            and not engine_of(node.label)
        ):
            kind = "external" if kind == "store" and kind_by_name(node.label) != "store" and _is_asked(node, drawing) else kind
            weight = {"round": 5 if others else 1, "store": 5, "external": 5, "component": 5}.get(node.hint, 5 if kind == "external" else 3)
            findings.see(node.label, kind, weight, Source(block.source.file, node.line))


def _are_round(drawing: Drawing) -> bool:
    """Whether a picture draws third parties as boxes with round ends, by those that are known to be some."""
    drawn = [node for node in drawing.nodes.values() if node.hint == "round" and node_kind(node) in CALLABLE]
    known = [node for node in drawn if node_kind(node) == "external"]
    return len(known) > 1 and 2 * len(known) >= len(drawn) and not any(set(name_words(node.label)[-1:]) & HEADS for node in drawn)


OUTSIDE = re.compile(
    r"(?:the )?(?:outside(?: world)?|others?|external(?:s|ly)?|others' systems?|not ours|third part(?:y|ies)|partners?|vendors?|suppliers?|surroundings?|neighbours?|elsewhere|foreign(?: systems)?|beyond us|their systems|saas|cloud services"
    r"|extern\w*|draussen|ausserhalb|dritte|andere|fremd\w*|umgebung|umsysteme|aussen|exterieur|tiers|partenaires|autres|ailleurs|dehors|exterior|terceros|otros|fuera|esterno|esterni|terzi|altri|fuori)(?: .{0,20})?"
)
"""A frame of what others run."""
FRAMED = 5
"""Boxes in frames that make the others ones of somebody else, unless they are called as parts are."""
CONTEXT = re.compile(
    r"\b(?:context|outside|surroundings?|environment|neighbou?rs?|kontext\w*|umfeld|umgebung|aussen\w*|contexte|environnement|contexto|entorno)\b"
)


def _has_one_inside(drawing: Drawing | None, page: Page) -> bool:
    """Whether a picture has one frame or one box for the whole system: what stands around it are others'."""
    nodes = list(drawing.nodes.values()) if drawing else []
    groups = {node.group for node in nodes if node.group}
    return len(groups) == 1 or (not groups and sum(page.is_system(node.label) or node.hint == "system" for node in nodes) == 1)


def _is_asked(node: Node, drawing: Drawing | None) -> bool:
    """Whether arrows speak with a drum over the web, which no database does: a system of others drawn so."""
    return any(
        node.id in (edge.start, edge.end) and protocol(edge.label) in ("http", "sftp", "smtp", "tcp")
        for edge in (drawing.edges if drawing else ())
    )


def diagram_facts(placed: Placed, page: Page) -> None:
    """Arrows: calls, messages, events and stores."""
    block = placed.block
    assert isinstance(block, Diagram)
    drawing = drawings(block)
    if drawing is None:
        return
    for start, end, edge in edges_by_id(drawing):
        source = Source(block.source.file, edge.line)
        if PLANNED.search(folded(f"{HAPPENED.sub('', edge.label)} {start.label} {end.label} {start.group} {end.group}")):
            continue
        _arrow_facts(start, end, edge, source, page)


PLANNED = re.compile(r"\b(?:planned|future|later|geplant|prevu|planificado|deprecated|removed)\b")


def _arrow_facts(start: Node, end: Node, edge: Edge, source: Source, page: Page) -> None:
    first, second = _box(start, page), _box(end, page)
    kinds = (first[1], second[1])
    events = [word for word in re.findall(r"[\w.]+", edge.label) if looks_like_event(word) or page.names.find(word, event=True)]
    page.findings.understood.add(source)
    state = page.findings.state
    if "actor" in kinds or "system" in kinds:
        return
    if events and set(kinds) <= {"component", "external", "broker"}:
        for event in events:
            page.findings.see(event, "event", 4, source)
            if first[1] != "broker":
                state(Fact("publishes", (first[0], event), source, {}, Confidence.LIKELY, Authority.DIAGRAM))
            if second[1] != "broker":
                state(Fact("consumes", (second[0], event), source, {}, Confidence.LIKELY, Authority.DIAGRAM))
    elif kinds[1] == "event" and kinds[0] == "component":
        state(Fact("publishes", (first[0], second[0]), source, {}, Confidence.LIKELY, Authority.DIAGRAM))
    elif kinds[0] == "event" and kinds[1] == "component":
        state(Fact("consumes", (second[0], first[0]), source, {}, Confidence.LIKELY, Authority.DIAGRAM))
    elif kinds in {("component", "store"), ("store", "component")}:
        component, store = (first, second) if kinds[0] == "component" else (second, first)
        node = end if kinds[0] == "component" else start
        access = "reads" if kinds[0] == "store" or re.match(r"(?i)\W*(?:read|query|select|lookup|liest|lit|lee)", edge.label) else "touches"
        engine = engine_of(node.technology) or engine_of(node.label)
        state(Fact(access, (component[0], store[0]), source, {"kind": engine} if engine else {}, Confidence.LIKELY, Authority.DIAGRAM))
    elif kinds[0] in CALLABLE and kinds[1] in CALLABLE:
        found = protocol(edge.label)
        is_message = (
            found == "async"
            or (edge.is_async and not edge.label)
            or (edge.is_async and edge.label and found is None and not OPERATION.search(edge.label))
        )
        values = {key: value for key, value in (("protocol", found if not is_message else None), ("details", edge.label)) if value}
        state(Fact("message" if is_message else "call", (first[0], second[0]), source, values, Confidence.LIKELY, Authority.DIAGRAM))


def _box(node: Node, page: Page) -> tuple[str, str]:
    """The name and kind of a box: of what the documents know by its label, else by its looks."""
    if node.hint == "system" or page.is_system(node.label):
        return node.label, "system"
    if engine_of(node.label):
        return node.label, "store"
    found = page.names.find(node.label, loosely=True)
    return (found.name, found.kind) if found else (node.label, node_kind(node))
