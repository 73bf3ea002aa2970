"""OTTL, the language of the collector's transform and filter processors, put together from parts, so that texts are quoted in one place."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from generator.promql import escape

Statement = str
Expression = str


def literal(text: str) -> str:
    """A text of the configuration that means itself: the collector replaces variables, which begin with `$`, before all else."""
    return text.replace("$", "$$")


def quoted(text: str) -> Expression:
    """A string literal; JSON's escapes are among OTTL's."""
    return literal(json.dumps(text, ensure_ascii=False))


def listed(texts: Iterable[str]) -> Expression:
    return f"[{', '.join(quoted(each) for each in texts)}]"


def table(entries: Mapping[str, str]) -> Expression:
    """A map with an entry to a line."""
    lines = ",\n".join(f"  {quoted(key)}: {quoted(value)}" for key, value in entries.items())
    return f"{{\n{lines}\n}}"


def attribute(name: str, of: str = "span") -> Expression:
    return f"{of}.attributes[{quoted(name)}]"


def cached(name: str, of: str = "span") -> Expression:
    """A place for what is only needed until the end of a list of statements."""
    return f"{of}.cache[{quoted(name)}]"


def at(container: Expression, key: Expression) -> Expression:
    return f"{container}[{key}]"


def call(function: str, *arguments: Expression) -> Expression:
    return f"{function}({', '.join(arguments)})"


def do(function: str, *arguments: Expression, where: Expression | None = None) -> Statement:
    """A statement; it is carried out only where the condition holds."""
    return call(function, *arguments) + (f" where {where}" if where else "")


def assign(target: Expression, value: Expression, where: Expression | None = None) -> Statement:
    """Nothing is changed by a value that is not there."""
    return do("set", target, value, where=where)


def is_missing(value: Expression) -> Expression:
    return f"{value} == nil"


def is_there(value: Expression) -> Expression:
    return f"{value} != nil"


def matches(value: Expression, pattern: str) -> Expression:
    """False of a value that is not there."""
    return call("IsMatch", value, quoted(pattern))


def all_of(*conditions: Expression) -> Expression:
    return " and ".join(conditions)


def any_of(*conditions: Expression) -> Expression:
    return f"({' or '.join(conditions)})" if len(conditions) > 1 else conditions[0]


def whole(texts: Iterable[str]) -> str:
    """A regular expression that takes these texts and no others."""
    return f"^(?:{'|'.join(escape(each) for each in texts)})$"
