"""Regular expressions that mean the same everywhere: in ECMA 262 with its u flag, Python, Java, and the linear RE2 and Rust engines.

What one of them refuses or reads otherwise is refused here; so is what lets a backtracking engine run for ever.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 1_000
DEEPEST = 40
MOST_REPEATS = 1_000
"""RE2 counts no further."""
MANY = 16
"""Repeats from which on a bounded count is as bad as none."""
CLASSES = "dDwWsS"
CONTROLS = "tnrfv"
SYNTAX = "^$\\.*+?()[]{}|/"
"""What may be escaped (ECMA 262, section 22.2.1: with the u flag, nothing else may)."""
COUNT = re.compile(r"\{(\d{1,9})(,(\d{0,9}))?\}")
GROUPS = {
    "(?=": "a lookahead", "(?!": "a lookahead", "(?<=": "a lookbehind", "(?<!": "a lookbehind", "(?<": "a named group", "(?P": "a named group",
    "(?>": "an atomic group", "(?#": "a comment", "(?(": "a condition",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a pattern, and the cure."""

    message: str
    help: str
    is_slow: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    """What a part of a pattern can match: nothing at all; any length, through one repeat with nothing fixed beside it."""

    nullable: bool
    stretchy: bool


def fault(pattern: str) -> Fault | None:
    """What keeps the pattern from meaning the same everywhere; None when nothing does."""
    if len(pattern) > LONGEST:
        return Fault(f"the pattern has {len(pattern):,} characters", f"at most {LONGEST:,} are read")
    try:
        _Parser(pattern).parse()
        re.compile(pattern)
    except _Refused as refused:
        return refused.fault
    except (re.error, OverflowError, RecursionError) as error:
        return Fault(f'"{pattern}" is no regular expression: {error}', "the syntax is that of ECMA 262; in YAML, write it in single quotes")
    return None


class _Refused(Exception):
    """The pattern cannot be taken."""

    def __init__(self, message: str, help: str, *, is_slow: bool = False) -> None:
        super().__init__(message)
        self.fault = Fault(message, help, is_slow)


@dataclass(slots=True)
class _Parser:
    """Reads a pattern once from left to right; only its shape is kept."""

    text: str
    position: int = 0
    depth: int = 0

    def parse(self) -> None:
        self._alternatives()
        if self.position < len(self.text):
            raise _Refused(f'"{self.text}" closes a group that it does not open', "escape the parenthesis: \\)")

    def _alternatives(self) -> _Shape:
        branches = [self._sequence()]
        while self._takes("|"):
            branches.append(self._sequence())
        return _Shape(any(each.nullable for each in branches), any(each.stretchy for each in branches))

    def _sequence(self) -> _Shape:
        parts: list[_Shape] = []
        while self.position < len(self.text) and self.text[self.position] not in "|)":
            parts.append(self._repeated())
        fixed = sum(not each.nullable for each in parts)
        stretchy = any(each.stretchy and fixed - (not each.nullable) == 0 for each in parts)
        return _Shape(fixed == 0, stretchy)

    def _repeated(self) -> _Shape:
        start = self.position
        shape = self._atom()
        limits = self._quantifier()
        if limits is None:
            return shape
        self._takes("?")
        if self._quantifier() is not None:
            raise _Refused(f'"{self.text[start : self.position]}" repeats a repeat', "one of *, +, ? and {n} is enough")
        least, most = limits
        is_open = most is None or most >= MANY
        if is_open and shape.stretchy:
            raise _Refused(
                f'"{self.text[start : self.position]}" repeats a repeat: some texts would take exponential time to check',
                "say what separates the repeats, such as ([a-z]+-)*",
                is_slow=True,
            )
        return _Shape(least == 0 or shape.nullable, is_open or shape.stretchy)

    def _quantifier(self) -> tuple[int, int | None] | None:
        if self.position >= len(self.text):
            return None
        simple = {"*": (0, None), "+": (1, None), "?": (0, 1)}.get(self.text[self.position])
        if simple:
            self.position += 1
            return simple
        counted = COUNT.match(self.text, self.position)
        if not counted:
            return None
        self.position = counted.end()
        least = int(counted[1])
        most = least if counted[2] is None else int(counted[3]) if counted[3] else None
        if max(least, most or 0) > MOST_REPEATS:
            raise _Refused(f'"{counted[0]}" counts further than {MOST_REPEATS:,}', "say it with minLength and maxLength")
        return least, most

    def _atom(self) -> _Shape:
        character = self.text[self.position]
        if character == "(":
            return self._group()
        if character == "[":
            self._class()
        elif character == "\\":
            self._escape(in_class=False)
        elif character in "*+?":
            raise _Refused(f'"{self.text}" repeats nothing at "{self.text[self.position :]}"', f"escape it: \\{character}")
        elif character in "{}]":
            raise _Refused(f'"{self.text}" has a "{character}" that stands for itself', f"escape it: \\{character}")
        else:
            self.position += 1
        return _Shape(nullable=character in "^$", stretchy=False)

    def _group(self) -> _Shape:
        for opening, what in GROUPS.items():
            if self.text.startswith(opening, self.position):
                help = "not every language has it: say it without, or check it in code"
                raise _Refused(f'"{opening}" starts {what}, which is not portable', help)
        if self.text.startswith("(?", self.position) and not self.text.startswith("(?:", self.position):
            raise _Refused(
                f'"{self.text[self.position : self.position + 3]}" sets a flag, which is not portable', "write out what it stands for: [Aa]"
            )
        self.position += 3 if self.text.startswith("(?:", self.position) else 1
        self.depth += 1
        if self.depth > DEEPEST:
            raise _Refused(f"the pattern nests groups more than {DEEPEST} deep", "split it, or check it in code")
        shape = self._alternatives()
        if not self._takes(")"):
            raise _Refused(f'"{self.text}" does not close a group', "escape the parenthesis: \\(, or close it")
        self.depth -= 1
        return shape

    def _class(self) -> None:
        start = self.position
        self.position += 1
        self._takes("^")
        if self.text.startswith("]", self.position):
            raise _Refused(f'"{self.text[start : self.position + 1]}" is a class of no characters', "escape the bracket: \\]")
        while not self._takes("]"):
            if self.position >= len(self.text):
                raise _Refused(f'"{self.text}" does not close a class', "escape the bracket: \\[, or close it")
            if self.text[self.position] == "[":
                raise _Refused(f'"{self.text}" has a "[" in a class, which some engines take for a class of its own', "escape it: \\[")
            if self.text[self.position : self.position + 2] in ("&&", "--", "~~", "||"):
                raise _Refused(
                    f'"{self.text}" has "{self.text[self.position : self.position + 2]}" in a class, which some engines take for an operator',
                    "write it once",
                )
            if self.text[self.position] == "\\":
                self._escape(in_class=True)
            else:
                self.position += 1

    def _escape(self, *, in_class: bool) -> None:
        escaped = self.text[self.position + 1 : self.position + 2]
        digits = {"x": 2, "u": 4}.get(escaped)
        if digits and re.fullmatch(f"[0-9A-Fa-f]{{{digits}}}", self.text[self.position + 2 : self.position + 2 + digits]):
            self.position += 2 + digits
        elif escaped and escaped in CLASSES + CONTROLS + SYNTAX + ("-" if in_class else "bB"):
            self.position += 2
        elif escaped.isdigit() or escaped == "k":
            raise _Refused(f'"\\{escaped}" refers back to a group, which is not portable', "say it without, or check it in code")
        else:
            help = f"write {escaped} as it is" if escaped and not escaped.isalnum() else "list the characters instead: [A-Za-z]"
            raise _Refused(f'"\\{escaped}" does not mean the same in every engine', help)

    def _takes(self, character: str) -> bool:
        found = self.text.startswith(character, self.position)
        self.position += found
        return found
