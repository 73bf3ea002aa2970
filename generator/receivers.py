"""Who is told of an alert: the channels that reach a team, and the team that is told where none does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, NamedTuple

from generator import signals
from generator.graph import Graph
from generator.model import Owner, Severity

Channel = Literal["pager", "chat", "email", "webhook"]
URGENT: Severity = "critical"
"""What wakes somebody up."""


class Receiver(NamedTuple):
    """A team and the channels that it is told through, the pager first."""

    name: str
    team: Owner
    channels: tuple[Channel, ...]


def channels(graph: Graph, team: Owner) -> tuple[Channel, ...]:
    """What reaches a team: its chat only through Slack, its mail only through a mail server; a webhook where the contract says nothing of alerting."""
    alerting = signals.observability(graph).alerting
    has_slack = alerting is not None and alerting.slack is not None
    has_mail = alerting is not None and alerting.mail is not None
    known: tuple[tuple[Channel, bool], ...] = (
        ("pager", team.pager is not None),
        ("chat", has_slack and team.chat is not None and not is_address(team.chat)),
        ("email", has_mail and team.email is not None),
        ("webhook", team.webhook is not None),
    )
    found = tuple(name for name, is_there in known if is_there)
    return found or (("webhook",) if alerting is None else ())


def is_address(chat: str) -> bool:
    """Whether a chat is named by its web address: no channel that Slack knows."""
    return chat.startswith(("https://", "http://"))


def webhook_secret(team: Owner) -> str:
    """The secret with the address that its alerts are posted to."""
    return team.webhook or f"{team.name}-webhook"


def told(graph: Graph, team: str) -> Owner:
    """The team itself where anything reaches it, else the one that stands in."""
    alerting = signals.observability(graph).alerting
    owner = graph.owner(team)
    if alerting is None or alerting.fallback is None or channels(graph, owner):
        return owner
    return graph.owner(alerting.fallback)


def root(graph: Graph) -> Owner:
    """Who is told of what nobody owns."""
    alerting = signals.observability(graph).alerting
    return graph.owner(alerting.fallback) if alerting is not None and alerting.fallback else told(graph, graph.system.header.owner)


def receiver(graph: Graph, team: Owner, severity: Severity) -> Receiver:
    """The pager rings for what is critical alone, unless it is all that the team has; what is critical goes through every channel.

    A team name has no slash, so no receiver of one team is called like that of another.
    """
    every = channels(graph, team)
    quiet = tuple(each for each in every if each != "pager") or every
    if severity == URGENT and every != quiet:
        return Receiver(f"{team.name}/{URGENT}", team, every)
    return Receiver(team.name, team, quiet)


def receivers(graph: Graph, teams: Iterable[Owner]) -> tuple[Receiver, ...]:
    """All receivers of the teams, by name."""
    severities: tuple[Severity, ...] = (URGENT, "warning")
    found = {each.name: each for team in teams for severity in severities for each in (receiver(graph, team, severity),)}
    return tuple(found[name] for name in sorted(found))
