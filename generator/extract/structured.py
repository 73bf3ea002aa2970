"""Components that a block of YAML describes: a name, and labels that only components have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from generator.extract.vocabulary import concept_of, words_of

NAMES = words_of("component name service microservice module id komponente dienst composant componente servicio")
"""Keys whose value is what the rest describes."""
LISTS = words_of("component components service services microservices modules komponenten dienste composants componentes servicios")
"""Keys that hold several."""
TELLING = words_of("responsibility layer domain owner technology calls uses depends provides publishes consumes stores quality")
"""What at least two of the keys have to say."""
NO_DESCRIPTION = words_of("apiVersion openapi asyncapi swagger image build kind")
"""Keys of manifests, of API descriptions and of what Compose starts: those describe something else."""
DEEPEST, DEEPEST_VALUE, MOST_ENTRIES = 6, 3, 40


@dataclass(frozen=True, slots=True)
class Described:
    """A component with its labels; lines count from the first of the block."""

    name: str
    line: int
    labels: tuple[tuple[str, str, int], ...]


def described(text: str) -> list[Described]:
    """The components that a text describes; none where it is no YAML or describes something else. Never raises."""
    try:
        node = yaml.compose(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError, ValueError):
        return []
    return list(_below(node, "", 0)) if isinstance(node, yaml.MappingNode | yaml.SequenceNode) else []


def _below(node: yaml.Node, key: str, depth: int) -> Iterator[Described]:
    if depth > DEEPEST:
        return
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _below(each, "", depth + 1)
    elif isinstance(node, yaml.MappingNode):
        pairs = [(name.value, name, value) for name, value in node.value if isinstance(name, yaml.ScalarNode)]
        if {name for name, _, _ in pairs} & NO_DESCRIPTION:
            return
        found = _component(node, key, pairs)
        if found:
            yield found
            return
        for name, _, value in pairs:
            if name.lower() in LISTS and isinstance(value, yaml.MappingNode):
                for inner, held in value.value:
                    yield from _below(held, inner.value if isinstance(inner, yaml.ScalarNode) else "", depth + 1)
            else:
                yield from _below(value, "", depth + 1)


def _component(node: yaml.MappingNode, key: str, pairs: list[tuple[str, yaml.ScalarNode, yaml.Node]]) -> Described | None:
    name = next((value for each, _, value in pairs if each.lower() in NAMES and isinstance(value, yaml.ScalarNode)), None)
    labels = [(each, _said(value), mark.start_mark.line) for each, mark, value in pairs if value is not name and concept_of(_words(each))]
    telling = {concept_of(_words(each)) for each, _, _ in labels} & TELLING
    title = name.value if name is not None else key
    if not title or len(telling) < 2:
        return None
    return Described(title, (name or node).start_mark.line, tuple((_words(each), text, line) for each, text, line in labels))


def _words(key: str) -> str:
    return key.replace("_", " ").replace("-", " ")


def _said(node: yaml.Node, depth: int = 0) -> str:
    """A value in one line: entries with commas, what an entry says beside its name in brackets. An alias may lead back to where it stands."""
    if isinstance(node, yaml.ScalarNode):
        return str(node.value).strip()
    if depth == DEEPEST_VALUE:
        return ""
    if isinstance(node, yaml.SequenceNode):
        return ", ".join(_said(each, depth + 1) for each in node.value[:MOST_ENTRIES])
    parts = [(str(name.value), _said(value, depth + 1)) for name, value in node.value[:MOST_ENTRIES]]
    head = next((value for name, value in parts if name.lower() in NAMES | {"event", "topic"}), None)
    rest = "; ".join(value if head is not None else f"{name} {value}" for name, value in parts if value != head)
    return f"{head} ({rest})" if head and rest else head or rest
