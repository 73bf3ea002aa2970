"""Receivers: how a team is told through each of its channels, with credentials as files alone."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any

from generator import receivers, signals
from generator.emit.alertmanager import messages
from generator.graph import Graph
from generator.model import Mail, Owner
from generator.receivers import Channel, Receiver
from generator.text import template_text

SECRETS = PurePosixPath("/etc/alertmanager/secrets")
"""Where the Prometheus Operator mounts what `secrets` of an Alertmanager names: a folder for each, a file for each key."""
ROUTING_KEY, ADDRESS, PASSWORD = "routing-key", "url", "password"
"""Keys of the secrets."""


def about(graph: Graph, teams: Sequence[Owner]) -> str:
    """What an Alertmanager needs beside this file."""
    return "\n".join(
        [
            f"Needs these secrets, mounted as {SECRETS}/<secret>/<key> (Prometheus Operator: spec.secrets):",
            *(f"  {each}" for each in sorted(set(_secrets(graph, (receivers.root(graph), *teams))))),
        ]
    )


def _secrets(graph: Graph, teams: Sequence[Owner]) -> Iterator[str]:
    alerting = signals.observability(graph).alerting
    for team in teams:
        for channel in receivers.channels(graph, team):
            if channel == "pager":
                yield f"{team.pager}: {ROUTING_KEY} (integration key of {team.name} at PagerDuty)"
            if channel == "webhook":
                yield f"{receivers.webhook_secret(team)}: {ADDRESS} (address that alerts of {team.name} are posted to)"
            if channel == "chat" and alerting is not None:
                yield f"{alerting.slack}: {ADDRESS} (incoming webhook of Slack)"
            if channel == "email" and alerting is not None and alerting.mail is not None and alerting.mail.credentials:
                yield f"{alerting.mail.credentials}: {PASSWORD} (at the mail server)"


def secret(name: str, key: str) -> str:
    return str(SECRETS / name / key)


def servers(graph: Graph, used: Collection[Channel]) -> dict[str, Any]:
    """What all receivers share."""
    alerting = signals.observability(graph).alerting
    if alerting is None:
        return {}
    return {
        **(_mail_server(alerting.mail) if alerting.mail and "email" in used else {}),
        **({"slack_api_url_file": secret(alerting.slack, ADDRESS)} if alerting.slack and "chat" in used else {}),
    }


def _mail_server(mail: Mail) -> dict[str, Any]:
    return {
        "smtp_smarthost": mail.smarthost,
        "smtp_from": template_text(mail.sender),
        **({"smtp_auth_username": mail.username} if mail.username else {}),
        **({"smtp_auth_password_file": secret(mail.credentials, PASSWORD)} if mail.credentials else {}),
    }


def receiver(graph: Graph, found: Receiver) -> dict[str, Any]:
    """One that Alertmanager tells through each channel, in their order."""
    told = {KEYS[channel]: [SETTINGS[channel](graph, found.team)] for channel in found.channels}
    return {"name": found.name, **told}


KEYS: Mapping[Channel, str] = {
    "pager": "pagerduty_configs",
    "chat": "slack_configs",
    "email": "email_configs",
    "webhook": "webhook_configs",
}


def _pager(graph: Graph, team: Owner) -> dict[str, Any]:
    assert team.pager is not None
    return {
        "routing_key_file": secret(team.pager, ROUTING_KEY),
        "send_resolved": True,
        "description": messages.TITLE,
        "severity": '{{ or .GroupLabels.severity "error" }}',
        "class": "{{ .GroupLabels.alertname }}",
        "component": "{{ .GroupLabels.component }}",
        "group": "{{ .CommonLabels.environment }}",
        "details": {"alerts": messages.TEXT},
        **({"links": [{"href": messages.RUNBOOK, "text": "Runbook"}]} if signals.observability(graph).runbooks else {}),
    }


def _chat(graph: Graph, team: Owner) -> dict[str, Any]:
    assert team.chat is not None
    return {
        "channel": template_text(team.chat),
        "send_resolved": True,
        "title": messages.TITLE,
        **({"title_link": messages.RUNBOOK} if signals.observability(graph).runbooks else {}),
        "text": messages.SLACK,
    }


def _email(_: Graph, team: Owner) -> dict[str, Any]:
    assert team.email is not None
    return {
        "to": template_text(team.email),
        "send_resolved": True,
        "headers": {"Subject": messages.TITLE},
        "text": messages.TEXT,
        "html": messages.HTML,
    }


def _webhook(_: Graph, team: Owner) -> dict[str, Any]:
    return {"url_file": secret(receivers.webhook_secret(team), ADDRESS), "send_resolved": True}


SETTINGS: Mapping[Channel, Callable[[Graph, Owner], dict[str, Any]]] = {
    "pager": _pager,
    "chat": _chat,
    "email": _email,
    "webhook": _webhook,
}
