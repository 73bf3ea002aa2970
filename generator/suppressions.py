"""Findings that the contract accepts, with a reason and an end; what accepts nothing, or no longer, is a finding itself."""

from __future__ import annotations

import dataclasses
import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from generator.diagnostics import Diagnostic, Severity, Span, arranged, nearest
from generator.manual import pages
from generator.model import Suppression, System
from generator.places import places

DIGITS = 12
CHANGES = "changes"
"""Family of the rules that compare with an earlier contract."""


def identified(found: Sequence[Diagnostic], places: Mapping[Span, str]) -> list[Diagnostic]:
    """The findings with their places and fingerprints.

    A fingerprint is made of the rule, the place and the names in the sentence, not of lines and numbers; of several that are
    alike in that, of their order, too.
    """
    seen: Counter[tuple[str, ...]] = Counter()
    marked = []
    for each in arranged(found):
        place = places.get(each.at, "")
        # Without a place in the contract, as for a file that cannot be read, the sentence is all that there is.
        what = tuple(re.findall(r'"([^"]*)"', each.message)) if place else (each.at.file, each.message)
        key = (each.code, place, *what)
        number = seen[key]
        seen[key] += 1
        digest = hashlib.sha256("\0".join((*key, str(number))).encode()).hexdigest()
        marked.append(dataclasses.replace(each, place=place, fingerprint=digest[:DIGITS]))
    return marked


def applied(
    system: System, found: Sequence[Diagnostic], today: str | None, *, is_complete: bool, is_compared: bool = False
) -> list[Diagnostic]:
    """The findings with place and fingerprint, those marked that a suppression accepts, and what is wrong with the suppressions.

    An error is accepted only where it is a judgement: no reason makes an artifact right that would be wrong. `is_complete` is
    False when not every rule could look at everything, and `is_compared` when there was no earlier contract to compare with: then
    nobody knows what is unused. Without a day nothing is over.
    """
    known, where = _known(system), places(system)
    used: set[int] = set()
    marked = [_marked(each, known, used, today) for each in identified(found, where)]
    faults = _faults(known, used, today, is_complete=is_complete, is_compared=is_compared)
    return arranged([*marked, *identified(list(faults), where)])


def _known(system: System) -> list[Suppression]:
    return [*system.document.suppressions, *(each for component in system.components for each in component.suppressions)]


def _marked(found: Diagnostic, known: Sequence[Suppression], used: set[int], today: str | None) -> Diagnostic:
    for index, each in enumerate(known):
        if each.rule == found.code and found.place and f"{found.place}.".startswith(f"{each.where}."):
            used.add(index)
            if _is_judgement(found) and not _is_over(each, today):
                return dataclasses.replace(found, accepted=each.why)
    return found


def _is_judgement(found: Diagnostic) -> bool:
    page = pages().get(found.code)
    return found.severity is not Severity.ERROR or (page is not None and page.is_judgement)


def _is_over(suppression: Suppression, today: str | None) -> bool:
    return today is not None and suppression.until < today


def _faults(
    known: Sequence[Suppression], used: set[int], today: str | None, *, is_complete: bool, is_compared: bool
) -> Iterator[Diagnostic]:
    rules = pages()
    for index, each in enumerate(known):
        if rules and each.rule not in rules:
            guess = nearest(each.rule, sorted(rules))
            help = f'did you mean "{guess}"?' if guess else "interlock rules lists them"
            yield Diagnostic("unknown-rule", each.at["rule"], f'no rule is called "{each.rule}"', help)
        elif _is_over(each, today):
            message = f'"{each.rule}" was accepted at "{each.where}" until {each.until}'
            help = "mend what it reports, or say anew until when"
            yield Diagnostic("expired-suppression", each.at["until"], message, help, Severity.WARNING)
        elif index not in used and is_complete and (is_compared or each.rule not in rules or rules[each.rule].family != CHANGES):
            message = f'"{each.rule}" finds nothing at "{each.where}"'
            yield Diagnostic("unused-suppression", each.at.span, message, "take the suppression out", Severity.WARNING)
