"""From an earlier contract to the present one: what breaks and for whom, which version that wants, and who is deployed first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator.changes import data, interfaces, messages
from generator.changes.subjects import Change, Subject, User
from generator.changes.types import types
from generator.diagnostics import Diagnostic, Related, Severity, arranged
from generator.graph import Graph
from generator.units import Version


def compare(before: Graph, after: Graph) -> list[Diagnostic]:
    """What the change from one contract to the other breaks; every finding points at the present one, in reading order."""
    both = types(before, after)
    found = [
        *interfaces.interfaces(both),
        *messages.events(both),
        *messages.commands(both),
        *data.tables(both),
        *data.caches(both),
    ]
    return arranged(each for subject in found for rule in RULES for each in rule(subject))


def breaks(subject: Subject) -> Iterator[Diagnostic]:
    """`breaking-change` (error, warning), `unreadable-change` (error, warning): what has changed is still used as it was.

    Components are not all deployed at once, and what is deployed speaks as the earlier contract says. Who reads an answer, a message or
    a row is harmed by a property that is gone, may be absent, or has values that were not there; who writes a request or a command is
    harmed by a property that is new and required, or gone, and by values that are no longer taken. `reads` says what a consumer
    reads: other properties do not concern it. Named are the components that used it then and still do; where there is none, and the
    interface is not public, it is a warning. Of an event, new messages must be read by today's subscribers and kept ones by
    tomorrow's, as `compatibility` of the broker says; what it allows is a warning while somebody must go first.

        types:
          Order: {type: object, properties: {total: {type: integer}}}     # was {type: string}

    Fix: add the new beside the old, let the consumers move, then take the old away; or accept it, with a reason, under `suppressions`.
    """
    for change in _merged(subject.changes):
        if (change.is_breaking or change.severity is not None) and not change.is_silent:
            is_harmful = bool(change.users) or subject.is_public
            severity = change.severity or (Severity.ERROR if is_harmful else Severity.WARNING)
            place = f"over {' and '.join(sorted(change.over))}" if change.over else subject.over
            message = f"{' '.join(filter(None, (_quoted(subject), place)))}: {change.what}; {_consequence(subject, change)}"
            related = tuple(Related(user.at, f"{user.name} uses it here") for user in sorted(change.users))
            help = "keep the old beside the new until nobody uses it" if is_harmful else "nobody is harmed that the contract knows of"
            yield Diagnostic(change.code, change.at, message, help, severity, related)


def _quoted(subject: Subject) -> str:
    return f'"{subject.id}"'


def _consequence(subject: Subject, change: Change) -> str:
    if change.consequence and change.users:
        return change.consequence
    harmed = [_named(change.users)] if change.users else []
    harmed += ["others outside of the system"] if subject.is_public else []
    return f"breaks {' and '.join(harmed)}" if harmed else "harms nobody in the system"


def _merged(changes: Iterable[Change]) -> Iterator[Change]:
    """One that several operations show is one: its users and protocols together."""
    found: dict[tuple[object, ...], list[Change]] = {}
    for each in changes:
        found.setdefault((each.code, each.what, each.at, each.is_breaking), []).append(each)
    for same in found.values():
        first = same[0]
        users = tuple(sorted({user.name: user for each in same for user in each.users}.values()))
        over = frozenset(name for each in same for name in each.over)
        yield Change(first.what, first.at, first.is_breaking, users, over, first.code, first.severity, first.consequence, first.is_silent)


def _named(users: Iterable[User]) -> str:
    names = sorted({each.name for each in users})
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def versions(subject: Subject) -> Iterator[Diagnostic]:
    """`version-below-change`, `version-goes-back`: the version says less than has happened.

    Who depends on a version decides by it whether to look (Semantic Versioning 2.0.0, items 6 to 8). What breaks needs a new major
    version, whoever is harmed by it, and before 1.0.0 a new minor one; what is added needs a new minor version, and before 1.0.0 any.
    Of an event, what the `compatibility` of the broker allows within a major version is an addition.

        orders: {version: "1.4.0"}     # as before, and getOrder is gone: 2.0.0

    Fix: raise the version as it says, at the interface, event, command, table or cache.
    """
    if subject.versions is None:
        return
    old, new, at = subject.versions.old, subject.versions.new, subject.versions.at
    needed = _needed(subject, old)
    if _parts(new) < _parts(old):
        message = f'"{subject.id}" is {new}, and was {old} already'
        yield Diagnostic("version-goes-back", at, message, f'version: "{needed or old}"')
    elif needed is not None and _parts(new) < _parts(needed):
        worst = next(each for each in subject.changes if each.is_breaking is any(one.is_breaking for one in subject.changes))
        what = "breaks those who use it" if worst.is_breaking else "adds something"
        stands = f"is still {new}" if new == old else f"is {new} and was {old}"
        message = f"{_quoted(subject)} {stands}, and a change that {what} wants {needed}: {worst.what}"
        yield Diagnostic("version-below-change", at, message, f'version: "{needed}"', related=(Related(worst.at, "changed here"),))


def _needed(subject: Subject, old: Version) -> Version | None:
    """The lowest version that says what has changed."""
    if not subject.changes:
        return None
    if any(each.is_breaking for each in subject.changes):
        return Version(old.major + 1, 0, 0) if old.major else Version(0, old.minor + 1, 0)
    return Version(old.major, old.minor + 1, 0) if old.major else Version(0, old.minor, old.patch + 1)


def _parts(version: Version) -> tuple[int, int, int]:
    return version.major, version.minor, version.patch


def order(subject: Subject) -> Iterator[Diagnostic]:
    """`deploy-order` (info): somebody must be deployed before somebody else.

    In the wrong order calls end in 404 or UNIMPLEMENTED, or messages in the dead-letter channel, until the other side has followed.
    Who no longer uses what is gone goes before its owner, who uses what is new goes after it. Of an event, subscribers go first where
    they could not read the new messages, and the publisher where they could no longer read the old ones. Where nobody is concerned, or
    no order helps, nothing is said here.

        operations: {findOrders: {http: GET /}}     # new, and shop uses it: orders goes before shop

    Fix: nothing to mend; deploy in this order.
    """
    said = subject.order
    if said is None or not (said.first or said.last):
        return
    parts = [f"{_named(said.first)} before {subject.owner}, as {said.why_first}"] if said.first else []
    parts += [f"{subject.owner} before {_named(said.last)}, as {said.why_last}"] if said.last else []
    related = tuple(Related(user.at, user.name) for user in (*said.first, *said.last) if user.at != subject.at)
    is_both = {each.name for each in said.first} & {each.name for each in said.last}
    help = "in two steps: first add, then take away" if is_both else "deploy in this order"
    message = f"{_quoted(subject)} wants an order of deployment: {'; '.join(parts)}"
    yield Diagnostic("deploy-order", subject.at, message, help, Severity.INFO, related)


RULES = (breaks, versions, order)
"""Each has the page of what it reports as its docstring, as rules of the review have."""
