"""Mermaid and PlantUML, as far as they say who exists and who talks to whom: flowcharts, sequence diagrams and C4 macros."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from generator.extract.naming import looks_like_event


@dataclass(frozen=True, slots=True)
class Node:
    """A box: its identifier, what is written on it, what its shape or group says it is, and on which line it stands."""

    id: str
    label: str
    hint: str
    line: int
    technology: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow from one box to another; dotted ones and open heads are asynchronous."""

    start: str
    end: str
    label: str
    is_async: bool
    line: int


@dataclass(slots=True)
class Drawing:
    """What a diagram shows, and the lines that were not understood."""

    nodes: dict[str, Node] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    unread: list[int] = field(default_factory=list)

    def add(self, node: Node) -> None:
        """The first that says more than its identifier wins."""
        known = self.nodes.get(node.id)
        if known is None or (known.label == known.id and node.label != node.id):
            self.nodes[node.id] = node


ID = r"[A-Za-z_\u00c0-\u024f][\w\u00c0-\u024f]*(?:[-.][\w\u00c0-\u024f]+)*"
SHAPES = (
    (r"\[\(", r"\)\]", "store"), (r"\(\[", r"\]\)", "round"), (r"\(\(\(", r"\)\)\)", "round"), (r"\(\(", r"\)\)", "round"), (r"\[\[", r"\]\]", ""),
    (r"\{\{", r"\}\}", "hexagon"), (r"\[/", r"[/\\]\]", "slanted"), (r"\[\\", r"[/\\]\]", "slanted"), (r"\[", r"\]", ""), (r"\(", r"\)", ""), (r"\{", r"\}", "decision"),
    (r">", r"\]", ""),
)  # fmt: skip
SHAPE = re.compile("|".join(rf'(?:{opening}\s*(?:"([^"\n]{{0,200}})"|([^\n"]{{0,200}}?))\s*{closing})' for opening, closing, _ in SHAPES))
NODE = re.compile(rf"\s*({ID})(?:@\{{[^}}\n]{{0,200}}\}})?")
ARROW = re.compile(
    r"\s*(?:(?P<both><|o|x)?(?P<open>--|==|-\.)\s+(?P<text>[^\n|>]{1,120}?)\s+(?P<close>-->|---|==>|===|\.->|\.-)"
    r"|(?P<two><)?(?P<line>-{2,}[>ox]?|={2,}>?|-\.+-?>?|~~~)(?:\s*\|\s*(?P<label>\"?[^|\n]{0,160}\"?)\s*\|)?)"
)
MESSAGE = re.compile(r"\s*([^\n:]{1,80}?)\s*(<?<?-{1,2}(?:>>|>|x|\)|\\|/)|-{1,2}>>?)\s*([+-]?)\s*([^\n:]{1,80}?)\s*(?::\s*(.*))?$")
PARTICIPANT = re.compile(
    r"\s*(?:create\s+)?(participant|actor|database|boundary|control|entity|queue|collections)\s+(?:\"([^\"]{1,80})\"|(.{1,80}?))(?:\s+as\s+(.{1,80}?))?\s*(?:#\w+)?$",
    re.IGNORECASE,
)
C4 = re.compile(r"\s*(\w+)\((.*)\)\s*\{?\s*$")
C4_NODES = {
    "person": "actor", "person_ext": "actor", "system": "system", "systemdb": "store", "systemqueue": "broker", "system_ext": "external", "systemdb_ext": "external", "systemqueue_ext": "external",
    "container": "component", "containerdb": "store", "containerqueue": "broker", "container_ext": "external", "containerdb_ext": "external", "component": "component", "componentdb": "store",
    "componentqueue": "broker", "component_ext": "external",
}  # fmt: skip


LISTED_ARROW = re.compile(
    r"\s*(?P<start>[\w&'’-]+(?:[ .][\w&'’-]+){0,4})\s+(?:-{1,3}>|={1,2}>|~{1,3}>|→|⟶)\s+(?P<end>[\w&'’-]+(?:[ .][\w&'’-]+){0,4}?)\s*(?:\((?P<label>[^()]*)\)|:\s*(?P<said>[^#]*))?\s*(?:(?:#|//|\s—|\s-)\s.*)?$"
)
"""`orders -> stock (gRPC)` in a block of such lines."""
MOSTLY = 0.6


def arrows_of(lines: tuple[str, ...], first: int) -> Drawing | None:
    """A block of plain text whose lines are arrows between names; None for another."""
    said = [(number, line) for number, line in enumerate(lines, first) if line.strip() and not line.lstrip().startswith(("#", "//"))]
    found = [(number, match) for number, line in said if (match := LISTED_ARROW.match(line[:1000]))]
    if len(found) < 2 or len(found) < MOSTLY * len(said):
        return None
    drawing = Drawing()
    for number, arrow in found:
        for name in (arrow["start"], arrow["end"]):
            drawing.add(Node(name, name, "", number))
        drawing.edges.append(Edge(arrow["start"], arrow["end"], (arrow["label"] or arrow["said"] or "").strip(), False, number))
    return drawing


def drawing_of(lines: tuple[str, ...], first: int) -> Drawing:
    """`first` is the line of the document on which the diagram's own first line stands."""
    head = next((line.strip().lower() for line in lines if line.strip() and not line.strip().startswith(("%%", "---", "'"))), "")
    drawing = Drawing()
    if head.startswith(("flowchart", "graph")):
        _flowchart(lines, first, drawing)
    elif head.startswith("sequencediagram"):
        _sequence(lines, first, drawing)
    elif head.startswith("@startuml") and any(BOXED.match(line) for line in lines):
        _parts(lines, first, drawing)
    elif head.startswith(("c4", "@startuml")):
        _c4(lines, first, drawing)
    else:
        drawing.unread += [first + number for number, line in enumerate(lines) if line.strip()]
    return drawing


# --- flowcharts -------------------------------------------------------------------------------------------------------


FRAME = re.compile(r"\s*subgraph\s+([\w-]+)\s*\[")
"""What an arrow to a frame says is said of nobody."""


def _flowchart(lines: tuple[str, ...], first: int, drawing: Drawing) -> None:
    groups: list[str] = []
    frames = {found[1] for line in lines if (found := FRAME.match(line))}
    for number, line in enumerate(lines, first):
        text = line.split("%%", 1)[0].strip().rstrip(";")[:2000]
        word = text.split(" ", 1)[0].lower()
        if word == "subgraph":
            found = re.search(r'\[\s*"?([^\]"]+)"?\s*\]', text) or re.search(r'subgraph\s+"?([^"]+)"?', text)
            groups.append(found[1].strip() if found else "")
        elif text == "end":
            del groups[-1:]
        elif word not in (
            "flowchart",
            "graph",
            "direction",
            "classdef",
            "class",
            "style",
            "linkstyle",
            "click",
            "",
        ) and not text.startswith(("%%", "---")):
            for statement in text.split(";"):
                _chain(statement, number, " / ".join(groups), drawing)
    drawing.edges = [each for each in drawing.edges if not {each.start, each.end} & frames]
    drawing.nodes = {name: node for name, node in drawing.nodes.items() if name not in frames}


def _chain(text: str, line: int, group: str, drawing: Drawing) -> None:
    """`A & B -->|label| C --> D`."""
    position, before = _boxes(text, 0, line, group, drawing)
    if not before:
        drawing.unread += [line]
        return
    while position < len(text):
        arrow = ARROW.match(text, position)
        if not arrow or arrow.end() == position:
            break
        position, after = _boxes(text, arrow.end(), line, group, drawing)
        if not after:
            break
        _connect(before, after, arrow, line, drawing)
        before = after
    if text[position:].strip():
        drawing.unread += [line]


def _connect(before: list[str], after: list[str], arrow: re.Match[str], line: int, drawing: Drawing) -> None:
    shape = (arrow["line"] or "") + (arrow["open"] or "")
    label = re.sub(r"<br\s*/?>", " ", (arrow["label"] or arrow["text"] or "").strip().strip('"'))
    if "~" in shape:
        return
    for start in before:
        for end in after:
            drawing.edges.append(Edge(start, end, label, "." in shape, line))
            if arrow["two"] or arrow["both"] == "<":
                drawing.edges.append(Edge(end, start, label, "." in shape, line))


def _boxes(text: str, position: int, line: int, group: str, drawing: Drawing) -> tuple[int, list[str]]:
    found: list[str] = []
    while node := NODE.match(text, position):
        position = node.end()
        shape = SHAPE.match(text, position)
        label, hint = node[1], ""
        if shape:
            position = shape.end()
            index = next(number for number, value in enumerate(shape.groups()) if value is not None)
            label, hint = shape.groups()[index], SHAPES[index // 2][2]
        style = re.compile(r":::(\w+)").match(text, position)
        position = style.end() if style else position
        hint = "external" if style and style[1].lower().startswith(("ext", "third")) else hint
        label, technology = _box_text(label)
        drawing.add(Node(node[1], label, hint, line, technology, group))
        found.append(node[1])
        joined = re.compile(r"\s*&\s*").match(text, position)
        if not joined:
            break
        position = joined.end()
    return position, found


def _box_text(label: str) -> tuple[str, str]:
    """What a box is called, and the technology on its further lines or in brackets."""
    lines = [each.strip(" \"'*_`") for each in re.split(r"<br\s*/?>|\\n", label)]
    first = re.sub(r"</?\w+[^>]*>", "", lines[0]).strip()
    rest = " ".join(re.sub(r"</?\w+[^>]*>", "", each) for each in lines[1:]).strip(" ()[]")
    return first, rest


# --- sequence diagrams ------------------------------------------------------------------------------------------------


def _sequence(lines: tuple[str, ...], first: int, drawing: Drawing) -> None:
    for number, line in enumerate(lines, first):
        text = line.split("%%", 1)[0].strip()[:1000]
        participant = PARTICIPANT.match(text)
        if participant:
            _participant(participant, number, drawing)
        elif not re.match(
            r"(?i)(sequencediagram|autonumber|note|loop|alt|else|opt|par|and|end|rect|activate|deactivate|critical|option|break|box|destroy|title|acc\w+|link|@\w+|skinparam|group|$)\b|$",
            text,
        ):
            _message(text, number, drawing)


def _participant(found: re.Match[str], line: int, drawing: Drawing) -> None:
    kind, quoted, bare, alias = found.groups()
    name = (quoted or bare or "").strip()
    hint = {"actor": "actor", "database": "store", "queue": "broker"}.get(kind.lower(), "")
    id, label = (alias.strip(), name) if alias and quoted else (name, alias.strip().strip('"') if alias else name)
    label, technology = _box_text(label)
    drawing.nodes[id] = Node(id, label, hint, line, technology)


def _message(text: str, line: int, drawing: Drawing) -> None:
    found = MESSAGE.match(text)
    if not found:
        drawing.unread.append(line)
        return
    start, arrow, _, end, label = found.groups()
    for id in (start, end):
        if id not in drawing.nodes:
            drawing.nodes[id] = Node(id, id.strip('"'), "", line)
    is_answer = arrow.startswith(("--", "<")) and not any(looks_like_event(word) for word in re.findall(r"[\w.]+", label or ""))
    if not is_answer and start != end:
        drawing.edges.append(Edge(start, end, (label or "").strip(), arrow.endswith(")"), line))


# --- component diagrams -----------------------------------------------------------------------------------------------

BOXED = re.compile(r"\s*(?:component|package|node|rectangle|cloud|frame|folder|storage)\b|\s*\[[^\]*]+\]")
"""What only a component or deployment diagram of PlantUML has (plantuml.com/component-diagram)."""
GROUP = re.compile(
    r"\s*(?:package|node|rectangle|cloud|frame|folder|component|together)\s+(?:\"([^\"]*)\"|([^\"{<#]*?))\s*(?:<<[^>]*>>)?\s*(?:#\w+)?\s*\{\s*$"
)
BOX = re.compile(
    r"\s*(?:(component|database|queue|storage|cloud|node|rectangle|artifact|agent|card|stack|actor|interface)\s+)?"
    r"(?:\[([^\]]{1,80})\]|\"([^\"]{1,80})\"|(\w[\w.-]{0,60}))(?:\s+as\s+\"?([\w.-]{1,60})\"?)?\s*(?:<<([^>]*)>>)?\s*(?:#\w+)?\s*$"
)
LINK = re.compile(
    r"\s*(\[[^\]]{1,80}\]|\"[^\"]{1,80}\"|\w[\w.-]{0,60})\s*(<?)(?:[-.=]+(?:\[[^\]]*\])?(?:left|right|up|down|[lrud])?[-.=]*)(>*)\s*(\[[^\]]{1,80}\]|\"[^\"]{1,80}\"|\w[\w.-]{0,60})\s*(?::\s*(.*))?$"
)
BOX_KINDS = {"database": "store", "storage": "store", "queue": "broker", "actor": "actor", "interface": "system"}


def _parts(lines: tuple[str, ...], first: int, drawing: Drawing) -> None:
    groups: list[str] = []
    for number, line in enumerate(lines, first):
        text = line.split("'", 1)[0].rstrip()[:1000]
        group, link, box = GROUP.match(text), LINK.match(text), BOX.match(text)
        if group:
            groups.append((group[1] or group[2]).strip())
        elif text.strip() == "}":
            groups = groups[:-1]
        elif link and (link[2] or link[3]):
            start, end = (_box_at(each, number, groups, drawing) for each in (link[1], link[4]))
            drawing.edges.append(Edge(*((end, start) if link[2] and not link[3] else (start, end)), (link[5] or "").strip(), False, number))
        elif box and (box[1] or box[2]):
            _add_box(box, number, groups, drawing)
        elif text.strip() and not re.match(
            r"\s*(?:@|!|title|skinparam|hide|show|left to|top to|note|end|legend|header|footer|scale)", text
        ):
            drawing.unread.append(number)


def _add_box(box: re.Match[str], line: int, groups: list[str], drawing: Drawing) -> None:
    said = box[2] or box[3] or box[4]
    label, technology = _box_text(said)
    id = box[5] or said
    drawing.nodes[id] = Node(id, label, BOX_KINDS.get(box[1] or "", ""), line, technology, " / ".join(groups))


def _box_at(text: str, line: int, groups: list[str], drawing: Drawing) -> str:
    """The identifier of what stands at the end of an arrow, which may be its only mention."""
    id = text.strip('[]"')
    if id not in drawing.nodes:
        drawing.nodes[id] = Node(id, id, "", line, "", " / ".join(groups))
    return id


# --- C4 ---------------------------------------------------------------------------------------------------------------


def _c4(lines: tuple[str, ...], first: int, drawing: Drawing) -> None:
    for number, line in enumerate(lines, first):
        text = line.strip()[:1000]
        found = C4.match(text)
        arguments = _arguments(found[2]) if found else []
        macro = found[1].lower() if found else ""
        if macro in C4_NODES and len(arguments) >= 2:
            has_technology = macro.startswith(("container", "component")) and len(arguments) > 2
            drawing.nodes[arguments[0]] = Node(arguments[0], arguments[1], C4_NODES[macro], number, arguments[2] if has_technology else "")
        elif macro.startswith(("rel", "birel")) and len(arguments) >= 3:
            label = " ".join(arguments[2:])
            drawing.edges.append(Edge(arguments[0], arguments[1], label, False, number))
            if macro.startswith("bi"):
                drawing.edges.append(Edge(arguments[1], arguments[0], label, False, number))
        elif PARTICIPANT.match(text) and "(" not in text:
            found = PARTICIPANT.match(text)
            assert found is not None
            _participant(found, number, drawing)
        elif MESSAGE.match(text) and not text.startswith(("@", "!", "'", "title")):
            _message(text, number, drawing)
        elif text and not re.match(r"(?i)(c4\w*|@\w+|!|'|title|\}|\w*boundary|update\w+|layout\w*|skinparam|note|end)", text):
            drawing.unread.append(number)


def _arguments(text: str) -> list[str]:
    return [quoted or bare.strip() for quoted, bare in re.findall(r'\s*(?:"([^"]*)"|([^,"]+))\s*(?:,|$)', text)][:12]


def edges_by_id(drawing: Drawing) -> Iterator[tuple[Node, Node, Edge]]:
    """Arrows with the boxes at their ends."""
    for edge in drawing.edges:
        start, end = drawing.nodes.get(edge.start), drawing.nodes.get(edge.end)
        if start and end:
            yield start, end, edge
