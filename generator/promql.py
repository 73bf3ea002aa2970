"""PromQL, put together from parts, so that names and values are quoted in one place."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from generator.units import Duration

Expression = str
SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")
"""What has a meaning to RE2, the regular expressions of Prometheus."""


@dataclass(frozen=True, slots=True)
class Matcher:
    """How the value of a label is compared: `=`, `!=`, `=~` or `!~`."""

    operator: str
    value: str


Labels = Mapping[str, str] | Mapping[str, Matcher] | Mapping[str, str | Matcher]


def one_of(values: Iterable[str]) -> Matcher:
    """The label has one of these values; regular expressions of Prometheus are anchored at both ends."""
    known = sorted(set(values))
    return Matcher("=", known[0]) if len(known) == 1 else Matcher("=~", "|".join(escape(each) for each in known))


def other_than(value: str) -> Matcher:
    return Matcher("!=", value)


def escape(value: str) -> str:
    return SPECIAL.sub(r"\\\g<0>", value)


def select(metric: str, labels: Labels, window: Duration | None = None) -> Expression:
    """An instant vector, or with a window a range vector, of one metric."""
    matchers = ",".join(_matcher(name, each) for name, each in labels.items())
    return metric + (f"{{{matchers}}}" if matchers else "") + (f"[{duration(window)}]" if window else "")


def _matcher(name: str, value: str | Matcher) -> str:
    found = value if isinstance(value, Matcher) else Matcher("=", value)
    return f"{name}{found.operator}{quoted(found.value)}"


def quoted(text: str) -> str:
    """A string literal; PromQL has Go's escapes, and JSON's are among them."""
    return json.dumps(text, ensure_ascii=False)


def duration(value: Duration) -> str:
    """The shortest spelling that Prometheus reads: `5m`, `3d`, `1500ms`."""
    return str(value)


def call(function: str, *arguments: Expression) -> Expression:
    return f"{function}({', '.join(arguments)})"


def rate(metric: str, selections: Sequence[Labels], window: Duration) -> Expression:
    """Per second, of all series that one of the selections finds."""
    return either([call("rate", select(metric, labels, window)) for labels in selections])


def either(expressions: Sequence[Expression]) -> Expression:
    """All series of each; those of the first where two have the same labels."""
    return " or ".join(expressions)


def aggregate(operator: str, expression: Expression, by: Sequence[str] = ()) -> Expression:
    grouping = f" by ({', '.join(by)}) " if by else ""
    return f"{operator}{grouping}({expression})"


def total(expression: Expression, by: Sequence[str] = ()) -> Expression:
    return aggregate("sum", expression, by)


def or_zero(part: Expression, whole: Expression) -> Expression:
    """The part, or nothing of the whole where no series of the part exists yet: a counter is there from its first event on."""
    return f"({part} or {whole} * 0)"


def number(value: Decimal | float) -> str:
    """Without an exponent, as short as it can be."""
    return f"{Decimal(str(value)).normalize():f}"
