"""Alerts reach somebody, and what the contract says of one means something to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from generator import receivers, signals
from generator.alerts import Alert, alerts
from generator.alerts import of as about
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import Graph
from generator.model import Alerting, AlertName, AlertSetting, Component, Mail, Owner
from generator.review.deployment import settled

SHARES: tuple[AlertName, ...] = ("HighErrorRate", "HighCallErrorRate", "HighMessageErrorRate")
BURNS: tuple[AlertName, ...] = ("AvailabilityBudgetBurn", "LatencyBudgetBurn")


def owners(graph: Graph) -> Iterator[Diagnostic]:
    """`owner-without-route`: nobody hears of an alert: nothing reaches the team, and no other stands in for it.

    A chat is reached through Slack, an address through a mail server; both are said once for the whole system.

        owners: {orders-team: {chat: "#orders"}}
        observability: {alerting: {}}

    Fix: give the team a pager, webhook, chat or email; say `slack` or `mail` under `alerting` for those; or name in `fallback` a team
    that is reached.
    """
    alerting = signals.observability(graph).alerting
    if alerting is None:
        return
    if alerting.fallback is not None:
        owner = graph.owner(alerting.fallback)
        if not receivers.channels(graph, owner):
            message = f'"{owner.name}" stands in for teams that nothing reaches, and nothing reaches it'
            yield Diagnostic("owner-without-route", alerting.at["fallback"], message, _route(alerting, owner), related=_described(owner))
        return
    told: dict[str, Alert] = {}
    for alert in alerts(graph):
        told.setdefault(alert.owner, alert)
    for name, alert in told.items():
        owner = graph.owner(name)
        if not receivers.channels(graph, owner):
            message = f'"{name}" is to be told of {alert.name} of {alert.subject}, and nothing reaches it'
            at = owner.at.span if owner.at.path else _named(graph, alert)
            yield Diagnostic("owner-without-route", at, message, _route(alerting, owner))


def _described(owner: Owner) -> tuple[Related, ...]:
    return (Related(owner.at.span, "the team"),) if owner.at.path else ()


def _named(graph: Graph, alert: Alert) -> Span:
    """Where the contract names the team that it does not describe."""
    header = graph.system.header
    return alert.component.at["owner"] if alert.component is not None and alert.component.owner else header.at["owner"]


def _route(alerting: Alerting, owner: Owner) -> str:
    """What is missing for the channels that the team has, else the channels that it might have."""
    if owner.chat is not None and not receivers.is_address(owner.chat) and alerting.slack is None:
        return "its chat needs alerting: {slack: and the name of the secret with the address of Slack's webhook}"
    if owner.email is not None and alerting.mail is None:
        return "its address needs alerting: {mail: {smarthost: smtp.example.com:587, from: alerts@example.com}}"
    other = "" if alerting.fallback else "; or say who stands in: alerting: {fallback: and the name of a team}"
    return f"give it a pager, webhook, chat or email{other}"


def mail(graph: Graph) -> Iterator[Diagnostic]:
    """`incomplete-mail`: a name at the mail server without a password, or a password without a name.

    Alertmanager logs in with both or with neither, so that the server refuses its messages.

        mail: {smarthost: "smtp.example.com:587", from: alerts@example.com, username: alerts}

    Fix: say both `username` and `credentials`, the name of the secret, or neither.
    """
    alerting = signals.observability(graph).alerting
    server = alerting.mail if alerting else None
    if server is not None and (server.username is None) != (server.credentials is None):
        given, missing = _half(server)
        yield Diagnostic(
            "incomplete-mail", server.at[given], f'the mail server is told "{given}" and not "{missing}"', f"{missing}: as well"
        )


def _half(server: Mail) -> tuple[str, str]:
    return ("username", "credentials") if server.username is not None else ("credentials", "username")


def subjects(graph: Graph) -> Iterator[Diagnostic]:
    """`alert-without-subject`: something is said of an alert that a component, or any, does not have.

    Whoever wrote it believes in an alert that is not there.

        alerts: {ConsumerLag: {messages: 100}}

    Fix: declare what the alert is about, as the finding's help says, or take the setting out.
    """
    for component in graph.components:
        known = {each.name for each in about(graph, component)}
        for setting in component.alerts:
            if setting.name not in known:
                message = f"{component.name} has no alert {setting.name}"
                yield Diagnostic("alert-without-subject", setting.at.span, message, _cause(graph, component, setting.name))
    for setting in signals.observability(graph).alerts:
        if setting.name not in {each.name for each in alerts(graph)}:
            yield Diagnostic("alert-without-subject", setting.at.span, f"nothing has an alert {setting.name}", NEEDS[setting.name])


NEEDS: Mapping[AlertName, str] = {
    "ServiceDown": "it is about what runs all the time: runtime: {image: …}",
    "HighErrorRate": "it is about what answers requests: an interface with operations",
    "HighCallErrorRate": "it is about what calls something: uses, or stores",
    "HighMessageErrorRate": "it is about what handles messages: consumes, or handles",
    "CircuitBreakerOpen": "it is about calls with a circuit breaker: breaker: {failures: 5, open: 30s}",
    "ConsumerLag": "it is about what reads from a broker: consumes, or handles",
    "JobOverdue": "it is about a job on a schedule that says how old its last success may be: overdue: 26h",
    "ReplicationLag": "it is about copies of PostgreSQL in the cluster: replicated: {mode: asynchronous, lag: 5s}",
    "AvailabilityBudgetBurn": "it is about a promise: quality: {availability: 99.9%}",
    "LatencyBudgetBurn": "it is about a promise: quality: {latency: {p99: 500ms}}",
    "TelemetryMissing": "it is about what promises something: quality: {availability: 99.9%}",
}


def _cause(graph: Graph, component: Component, name: AlertName) -> str:
    """What the alert is about; for messages also that somebody must send them."""
    reads = bool(signals.own(graph, component).consumptions)
    if name in ("ConsumerLag", "HighMessageErrorRate") and component.handles and not reads:
        return "somebody must send the commands that it handles: sends"
    if name == "ConsumerLag" and reads:
        return "messages wait only where they are kept: delivery: at-least-once"
    return NEEDS[name]


def settings(graph: Graph) -> Iterator[Diagnostic]:
    """`meaningless-setting`, `unreachable-limit`: a setting that the alert does not have, or a limit that nothing can be above.

    The setting changes nothing; and of 100% of failures there are never more, so the alert is never raised.

        alerts: {ServiceDown: {above: 5%}}

    Fix: take the setting out, or say it of the alert that has it; put `above` below 100%, such as 10%.
    """
    said = [*signals.observability(graph).alerts, *(each for component in graph.components for each in component.alerts)]
    for setting in said:
        for key, help in _meaningless(setting):
            message = f'"{key}" means nothing to the alert {setting.name}'
            yield Diagnostic("meaningless-setting", setting.at[key], message, help)
        if setting.name in SHARES and setting.above is not None and setting.above.value >= 100:
            message = f"{setting.name} is raised above {setting.above}, which no share of failures is"
            yield Diagnostic("unreachable-limit", setting.at["above"], message, "such as 10%")


def _meaningless(setting: AlertSetting) -> Iterator[tuple[str, str]]:
    if setting.above is not None and setting.name not in SHARES:
        yield "above", f"it is the share of failures of {', '.join(SHARES)}"
    if setting.messages is not None and setting.name != "ConsumerLag":
        yield "messages", "it is the number of messages that wait, of ConsumerLag"
    if setting.severity is not None and setting.name in BURNS:
        yield "severity", "it is critical while the budget burns fast, and a warning while it burns slowly"


def jobs(graph: Graph) -> Iterator[Diagnostic]:
    """`unwatched-job` (warning), `overdue-without-schedule`: nobody hears that a job has stopped, or it is watched and no job on a
    schedule.

    A job that no longer runs raises no error: only the age of its last success shows it.

        runtime: {kind: job, schedule: "0 3 * * *"}

    Fix: say `overdue`, somewhat longer than from one run to the next: 26h for one that runs daily; leave it out where there is no
    `schedule`.
    """
    known = settled(graph)
    scheduled = signals.jobs(graph)
    for component in graph.components:
        runtime = component.runtime
        if runtime is None or runtime.image is None:
            continue
        if component in scheduled and runtime.overdue is None and f"{component.name}.runtime.overdue" not in known:
            message = f"nobody is told when {component.name} has not succeeded for long"
            help = "overdue: 26h, for one that runs daily"
            yield Diagnostic("unwatched-job", runtime.at["schedule"], message, help, Severity.WARNING)
        if component not in scheduled and runtime.overdue is not None:
            message = f"{component.name} is no job on a schedule, so it cannot be overdue"
            yield Diagnostic("overdue-without-schedule", runtime.at["overdue"], message, 'kind: job, and schedule: "0 3 * * *"')


RULES = (owners, mail, subjects, settings, jobs)
