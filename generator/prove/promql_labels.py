"""PromQL by its syntax tree: the labels that a result can carry, and what an expression asks for that is not there."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import promql_parser

Labels = frozenset[str]
NONE: Labels = frozenset()
UNKNOWN_VALUE = "interlock_unknown"
"""Stands in a selector for a value that only the reader chooses."""

NAME = "__name__"
SELECTING = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})
"""Aggregations that keep series as they are."""
WITHOUT_LABELS = frozenset({"scalar", "vector", "time", "pi"})


@dataclass(frozen=True, slots=True)
class Series:
    """What is known of a metric: labels that its series can carry, and of some labels all values."""

    labels: Labels
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)


Known = Mapping[str, Series]
"""Metric name → its series."""


def result(expression: str, known: Known) -> tuple[Labels, list[str]]:
    """The labels of the expression's series, and all that it names but cannot find; raises ValueError where it is no PromQL."""
    faults: list[str] = []
    labels = _labels(parse(expression), known, faults)
    return labels or NONE, list(dict.fromkeys(faults))


@functools.lru_cache(maxsize=4096)
def parse(expression: str) -> promql_parser.Expr:
    import promql_parser

    return promql_parser.parse(expression)


def _labels(node: Any, known: Known, faults: list[str]) -> Labels | None:
    """None for what is no vector: a number or a text."""
    judge = JUDGES[type(node).__name__]
    return judge(node, known, faults)


def _within(node: Any, known: Known, faults: list[str]) -> Labels | None:
    return _labels(node.expr, known, faults)


def _no_vector(node: Any, known: Known, faults: list[str]) -> None:
    return None


def _range(node: Any, known: Known, faults: list[str]) -> Labels:
    return _selector(node.vector_selector, known, faults)


# --- selectors --------------------------------------------------------------------------------------------------------


def _selector(node: Any, known: Known, faults: list[str]) -> Labels:
    """The labels of every series that it can select; each of its matchers must be about one of them."""
    labels: set[str] = set()
    for matchers in node.matchers.or_matchers or [node.matchers.matchers]:
        names = _names(node.name, matchers, known, faults)
        found = [known[name] for name in names]
        for matcher in matchers if found else ():
            if matcher.name != NAME:
                _match(matcher, names, found, faults)
        labels.update(*(series.labels for series in found))
    return frozenset(labels)


def _names(name: str | None, matchers: Sequence[Any], known: Known, faults: list[str]) -> list[str]:
    """The metrics that it selects, of those that there are."""
    from promql_parser import MatchOp

    patterns = [matcher for matcher in matchers if matcher.name == NAME]
    if name is None and not patterns:
        faults.append("a selector names no metric")
        return []
    if name is not None or patterns[0].op == MatchOp.Equal:
        metric = name if name is not None else patterns[0].value
        if metric in known:
            return [metric]
        nearest = get_close_matches(metric, known, 1)
        faults.append(f'nothing records "{metric}"' + (f'; "{nearest[0]}" is the nearest there is' if nearest else ""))
        return []
    found = [metric for metric in sorted(known) if all(_takes(matcher, metric) for matcher in patterns)]
    if not found:
        faults.append(f"nothing records a metric with {' and '.join(map(str, patterns))}")
    return found


def _match(matcher: Any, names: Sequence[str], found: Sequence[Series], faults: list[str]) -> None:
    of = " or ".join(f'"{name}"' for name in names)
    carrying = [series for series in found if matcher.name in series.labels]
    if not carrying:
        faults.append(f'{of} has no label "{matcher.name}"')
    elif matcher.value not in ("", UNKNOWN_VALUE) and UNKNOWN_VALUE not in matcher.value:
        values = [series.values.get(matcher.name) for series in carrying]
        if all(each is not None and not any(_names_value(matcher, value) for value in each) for each in values):
            faults.append(f'the label "{matcher.name}" of {of} never is as in {matcher}')


def _takes(matcher: Any, value: str) -> bool:
    from promql_parser import MatchOp

    is_meant = _names_value(matcher, value)
    return is_meant if matcher.op in (MatchOp.Equal, MatchOp.Re) else not is_meant


def _names_value(matcher: Any, value: str) -> bool:
    """Whether the value is one that the matcher is about, to take it or to leave it."""
    from promql_parser import MatchOp

    if matcher.op in (MatchOp.Equal, MatchOp.NotEqual):
        return bool(matcher.value == value)
    try:
        return re.fullmatch(matcher.value, value) is not None
    except re.error:
        return True  # Go's expressions differ a little from ours, and the parser has taken this one


# --- functions and aggregations ---------------------------------------------------------------------------------------


def _call(node: Any, known: Known, faults: list[str]) -> Labels | None:
    name = node.func.name
    vectors = [labels for argument in node.args if (labels := _labels(argument, known, faults)) is not None]
    if name in WITHOUT_LABELS:
        return NONE if name == "vector" else None
    if name in ("absent", "absent_over_time"):
        return _fixed(node.args[0])
    labels = vectors[0] if vectors else NONE
    if name == "histogram_quantile":
        if "le" not in labels:
            faults.append('histogram_quantile() needs the label "le", which its argument does not keep')
        return labels - {"le"}
    if name in ("label_replace", "label_join"):
        texts = [argument.val for argument in node.args[1:]]
        sources = texts[2:3] if name == "label_replace" else texts[2:]
        faults += [
            f'{name}() reads the label "{source}", which its argument cannot carry' for source in sources if source and source not in labels
        ]
        return labels | {texts[0]}
    return labels


def _fixed(node: Any) -> Labels:
    """absent() gives the labels that a plain selector fixes."""
    from promql_parser import MatchOp, MatrixSelector, VectorSelector

    selector = node.vector_selector if isinstance(node, MatrixSelector) else node
    if not isinstance(selector, VectorSelector):
        return NONE
    return frozenset(each.name for each in selector.matchers.matchers if each.op == MatchOp.Equal) - {NAME}


def _aggregate(node: Any, known: Known, faults: list[str]) -> Labels:
    from promql_parser import AggModifierType

    labels = _labels(node.expr, known, faults) or NONE
    named = frozenset(node.modifier.labels) if node.modifier else NONE
    is_without = node.modifier is not None and node.modifier.type == AggModifierType.Without
    clause = "without" if is_without else "by"
    faults += [f'{clause}() names the label "{each}", which its operand cannot carry' for each in sorted(named - labels)]
    operator = str(node.op)
    if operator in SELECTING:
        return labels
    kept = labels - named if is_without else named
    return kept | {node.param.val} if operator == "count_values" else kept


# --- operators --------------------------------------------------------------------------------------------------------


def _binary(node: Any, known: Known, faults: list[str]) -> Labels | None:
    left, right = _labels(node.lhs, known, faults), _labels(node.rhs, known, faults)
    if left is None or right is None:
        return right if left is None else left
    operator = str(node.op)
    kept = _matched(node.modifier, left, right, operator, faults)
    if operator in ("and", "unless"):
        return left
    return left | right if operator == "or" else _joined(node.modifier, left, right, kept, faults)


def _matched(modifier: Any, left: Labels, right: Labels, operator: str, faults: list[str]) -> Labels:
    """The labels by which the two sides are matched, as seen from the left."""
    from promql_parser import LabelModifierType

    matching = modifier.matching if modifier else None
    named = frozenset(matching.labels) if matching else NONE
    if matching and matching.type == LabelModifierType.Include:
        faults += [f'on() names the label "{each}", which the left side cannot carry' for each in sorted(named - left)]
        faults += [f'on() names the label "{each}", which the right side cannot carry' for each in sorted(named - right)]
        return named
    faults += [f'ignoring() names the label "{each}", which no side can carry' for each in sorted(named - left - right)]
    only_left, only_right = left - right - named, right - left - named
    if operator != "or" and (only_left or only_right):
        sides = [f"only the {side} has {', '.join(sorted(each))}" for side, each in (("left", only_left), ("right", only_right)) if each]
        faults.append(f'the sides of "{operator}" never match: {"; ".join(sides)}')
    return left - named


def _joined(modifier: Any, left: Labels, right: Labels, kept: Labels, faults: list[str]) -> Labels:
    """What arithmetic and comparisons leave: the matched labels, or with group_left() and group_right() the many side's and those named."""
    from promql_parser import VectorMatchCardinality

    if modifier is None or modifier.card == VectorMatchCardinality.OneToOne:
        return kept
    clause, many, one = ("group_left", left, right) if modifier.card == VectorMatchCardinality.ManyToOne else ("group_right", right, left)
    brought = frozenset(modifier.group_labels or ())
    faults += [f'{clause}() names the label "{each}", which the other side cannot carry' for each in sorted(brought - one)]
    return many | brought


JUDGES = {
    "AggregateExpr": _aggregate,
    "BinaryExpr": _binary,
    "Call": _call,
    "MatrixSelector": _range,
    "NumberLiteral": _no_vector,
    "ParenExpr": _within,
    "StringLiteral": _no_vector,
    "SubqueryExpr": _within,
    "UnaryExpr": _within,
    "VectorSelector": _selector,
}
