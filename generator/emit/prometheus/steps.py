"""What to do about an alert: how to find the cause, and how to end it, as far as the model knows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from pathlib import PurePosixPath

from generator import names, placement, promql, recorded, signals
from generator.alerts import COMPONENT, OPERATION, PEER, TOPIC, Alert
from generator.graph import Graph
from generator.model import Component
from generator.text import markdown_code, markdown_link, markdown_text

FIVE_WORST = "5"


def checks(graph: Graph, alike: Sequence[Alert], known: Set[PurePosixPath]) -> list[str]:
    """Steps to find the cause, the quickest first."""
    alert = alike[0]
    found = [_look(alert)] if alert.component is not None else []
    if alert.name in ("ServiceDown", "JobOverdue"):
        found += _pods(graph, alert)
    if alert.name in ("HighErrorRate", "AvailabilityBudgetBurn", "LatencyBudgetBurn") and alert.component is not None:
        found += [_worst(alert), *_causes(graph, alert, known)]
    if alert.name in ("HighCallErrorRate", "CircuitBreakerOpen"):
        found += [_failing_peers(alert), *(_peer(graph, alert.subject, each.labels[PEER], known) for each in alike)]
    if alert.name in ("HighMessageErrorRate", "ConsumerLag"):
        found += list(_channels(graph, alike))
    if alert.name == "ReplicationLag":
        found += list(_copies(alike))
    if alert.name == "TelemetryMissing":
        found += list(_telemetry(graph, alert))
    if alert.component is None and alert.objective is not None:
        found.append(f"Which callers see it: {_query(recorded.error_ratio('dependency'), {PEER: alert.subject})}.")
        found += _status(graph, alert)
    if alert.name not in ("TelemetryMissing", "JobOverdue") and alert.component is not None:
        found.append(
            "Did it begin with a change? Compare the time of the first failure with the last deployment of this and of what it calls."
        )
    return found


def _look(alert: Alert) -> str:
    path = f"../../../grafana/dashboards/components/{alert.subject}.json"
    return f"Open the {markdown_link('dashboard of ' + alert.subject, path)}: since when, and what changed at that time?"


def _query(series: str, labels: dict[str, str]) -> str:
    return markdown_code(promql.select(series, labels))


def _worst(alert: Alert) -> str:
    """Which operations: the alert is about all of them together."""
    series = recorded.duration("operation", "p99") if alert.name == "LatencyBudgetBurn" else recorded.error_ratio("operation")
    found = promql.call("topk", FIVE_WORST, promql.select(series, {COMPONENT: alert.subject}))
    return f"Which operations ({markdown_code(OPERATION)}): {markdown_code(found)}."


def _causes(graph: Graph, alert: Alert, known: Set[PurePosixPath]) -> Iterator[str]:
    series = recorded.duration("dependency", "p99") if alert.name == "LatencyBudgetBurn" else recorded.error_ratio("dependency")
    peers = [each.peer for each in signals.own(graph, alert.component).dependencies] if alert.component is not None else []
    if peers:
        pages = ", ".join(_page(alert.subject, peer, known) for peer in peers)
        yield f"Is it what it calls? {_query(series, {COMPONENT: alert.subject})}, and the pages of {pages}."


def _page(subject: str, peer: str, known: Set[PurePosixPath]) -> str:
    """A peer with the most telling of its runbooks, if it has one."""
    wanted = ("HighErrorRate", "AvailabilityBudgetBurn", "ServiceDown", "HighMessageErrorRate")
    found = next((name for name in wanted if PurePosixPath("runbooks") / peer / f"{name}.md" in known), None)
    if found is None:
        return markdown_code(peer)
    return markdown_link(peer, f"{found}.md" if peer == subject else f"../{peer}/{found}.md")


def _failing_peers(alert: Alert) -> str:
    return f"Which of them: {_query(recorded.error_ratio('dependency'), {COMPONENT: alert.subject})}."


def _peer(graph: Graph, subject: str, peer: str, known: Set[PurePosixPath]) -> str:
    """What there is to know of one peer: its own page, who answers for it, where it is."""
    external = next((each for each in graph.externals if signals.external_peer(graph, each) == peer), None)
    if external is not None:
        hosts = ", ".join(markdown_code(each.host) for each in external.endpoints if each.host)
        where = f" at {hosts}" if hosts else ""
        closed = f" It is not there {markdown_text(external.closed)}." if external.closed else ""
        limit = f" It takes at most {external.limit}." if external.limit else ""
        return (
            f"{_page(subject, peer, known)} is a third party{where}: ask its status, and whether the credentials still hold.{limit}{closed}"
        )
    component = next((each for each in graph.components if each.name == peer), None)
    if component is not None:
        team = markdown_text(signals.owner(graph, component).title or signals.owner(graph, component).name)
        return f"{_page(subject, peer, known)} is answered for by {team}: does it fail for its other callers, too? {_query(recorded.error_ratio('dependency'), {PEER: peer})}."
    return f"{markdown_code(peer)} is a store: is it up, are its connections used up, has its disk room?"


def _channels(graph: Graph, alike: Sequence[Alert]) -> Iterator[str]:
    for alert in alike:
        assert alert.consumption is not None
        read = alert.consumption
        labels = {COMPONENT: alert.subject, TOPIC: read.address}
        series = recorded.error_ratio("consumption") if alert.name == "HighMessageErrorRate" else recorded.LAG
        yield f"{markdown_code(read.address)}: {_query(series, labels)}, against what comes in {_query(recorded.rate('publication'), {TOPIC: read.address})}."
        dead = _dead_letter(graph, alert)
        if dead is not None and alert.name == "HighMessageErrorRate":
            yield f"What cannot be handled goes to {markdown_code(dead)}: read the last of them, their headers say why."


def _copies(alike: Sequence[Alert]) -> Iterator[str]:
    for alert in alike:
        store = alert.labels[PEER]
        yield f"Which copy of {markdown_code(store)}: {_query(signals.REPLICA_LAG, {signals.STORE: store})}."
    yield "At the primary, `SELECT * FROM pg_stat_replication`: is the copy connected at all, and is it behind in sending, writing or replaying?"
    yield "At the copy: is its disk or processor busy, or does a long query there hold up what is to be replayed?"


def _dead_letter(graph: Graph, alert: Alert) -> str | None:
    assert alert.consumption is not None
    read = alert.consumption
    found = [each.dead_letter for topic in graph.topics for each in topic.subscriptions if each.at == read.at]
    found += [each.dead_letter for each in graph.queues if each.at == read.at and each.handler == read.component]
    return found[0] if found else None


def _telemetry(graph: Graph, alert: Alert) -> Iterator[str]:
    for environment in graph.system.document.environments:
        peer = placement.telemetry(environment).peer
        selector = ",".join(f"{key}={value}" for key, value in sorted(peer.labels.items()))
        command = _kubectl(peer.namespace or graph.namespace, "get pods --selector", selector)
        yield f"{environment.name}: do the collector's pods run? {command}"
    if alert.component is not None:
        yield "Do other components send spans? Then look at its own settings: OTEL_EXPORTER_OTLP_ENDPOINT, and that no sampler of its own drops spans."


def _status(graph: Graph, alert: Alert) -> list[str]:
    assert alert.objective is not None and alert.objective.external is not None
    external = alert.objective.external
    spec = f" Its specification: {markdown_link(external.spec, external.spec)}." if external.spec else ""
    return [f"Does {markdown_text(external.title or external.name)} itself report trouble?{spec}"]


# --- kubectl ----------------------------------------------------------------------------------------------------------


def _namespace(graph: Graph) -> str:
    """Where all environments share one, its name; else a variable to set."""
    found = signals.namespaces(graph)
    return found[0] if len(found) == 1 else "$NAMESPACE"


def _kubectl(namespace: str, *words: str) -> str:
    return markdown_code(" ".join(["kubectl --namespace", namespace, *words]))


def _pods(graph: Graph, alert: Alert) -> list[str]:
    namespace, selector = _namespace(graph), f"{placement.NAME}={alert.subject}"
    found = [
        f"Pods: {_kubectl(namespace, 'get pods --selector', selector)}; why one does not run: {_kubectl(namespace, 'describe pods --selector', selector)}",
        f"What it said last: {_kubectl(namespace, 'logs --previous --selector', selector)}",
    ]
    if alert.name == "JobOverdue":
        return [
            f"Runs: {_kubectl(namespace, 'get jobs --selector', selector)}, and the schedule: {_kubectl(namespace, 'get cronjob', alert.subject)}",
            *found,
        ]
    return found


def actions(graph: Graph, alike: Sequence[Alert]) -> list[str]:
    """Steps to end it; what only the team knows, it adds in the contract."""
    alert = alike[0]
    component = alert.component
    if component is None:
        return _of_third_party(graph, alike) if alert.objective is not None else [_restart_collector()]
    found: list[str] = []
    if alert.name in ("ServiceDown", "HighErrorRate", "AvailabilityBudgetBurn", "LatencyBudgetBurn", "HighMessageErrorRate"):
        found += _back(graph, component)
    if alert.name in ("HighErrorRate", "AvailabilityBudgetBurn", "LatencyBudgetBurn", "ConsumerLag"):
        found += _more(graph, component)
    if alert.name in ("HighCallErrorRate", "CircuitBreakerOpen"):
        found.append("Do not switch breakers off or add tries: that is what keeps the failure from spreading. Tell the team of what fails.")
    if alert.name in ("HighMessageErrorRate", "ConsumerLag"):
        found += _messages(graph, alike)
    if alert.name == "ReplicationLag":
        found.append("Do not make a copy that is behind the primary; what has not arrived there would be lost.")
        found.append("Stop or slow down what writes much at once, such as a migration or a load, until the copy has caught up.")
    if alert.name == "JobOverdue":
        command = _kubectl(_namespace(graph), f"create job --from=cronjob/{alert.subject}", f"{alert.subject}-by-hand")
        found.append(f"When the cause is gone, run it at once: {command}")
    if alert.name == "TelemetryMissing":
        found.append("Until spans arrive again, watch the component by its logs; its alerts on requests, calls and messages are silent.")
    found.append(f"Tell those who depend on it, named above; {markdown_text(_team(graph, alert))} keeps a record of what happened.")
    return found


def _team(graph: Graph, alert: Alert) -> str:
    known = graph.owner(alert.owner)
    return known.title or names.title(known.name)


def _restart_collector() -> str:
    return "Bring the collector back; components keep sending, and what they sent meanwhile is lost."


def _of_third_party(graph: Graph, alike: Sequence[Alert]) -> list[str]:
    assert alike[0].objective is not None
    callers = sorted({each.consumer.name for each in graph.calls if each.external == alike[0].objective.external})
    return [
        f"Open a ticket with {markdown_text(alike[0].subject)}, with the times and the share that failed.",
        f"Make sure that the callers live with it as designed (see above): {', '.join(map(markdown_code, callers))}.",
    ]


def _back(graph: Graph, component: Component) -> list[str]:
    if component.runtime is None or component.runtime.image is None:
        return []
    if placement.is_job(component):
        return []
    command = _kubectl(_namespace(graph), f"rollout undo deployment/{component.name}")
    return [f"If it began with a deployment, go back: {command}"]


def _more(graph: Graph, component: Component) -> list[str]:
    """More instances, as far as the contract lets it grow."""
    runtime = component.runtime
    if runtime is None or runtime.image is None or runtime.replicas is None or placement.is_job(component):
        return []
    most = runtime.replicas.max or runtime.replicas.min
    if runtime.scale_on is not None:
        command = _kubectl(_namespace(graph), "get hpa", component.name)
        return [f"Is it overloaded and at its most of {most} instances? {command}. More than that is a change of the contract."]
    command = _kubectl(_namespace(graph), f"scale deployment/{component.name}", "--replicas=N")
    return [f"If it is overloaded, add instances by hand (the contract has {most}): {command}"]


def _messages(graph: Graph, alike: Sequence[Alert]) -> Iterator[str]:
    for alert in alike:
        assert alert.consumption is not None
        read = alert.consumption
        event = next((each.event for each in graph.topics if each.address == read.address), None)
        if alert.name == "ConsumerLag" and event is not None and event.partitions:
            yield f"More than {event.partitions} instances do not help on {markdown_code(read.address)}: it has that many partitions."
        if alert.name == "HighMessageErrorRate" and _dead_letter(graph, alert) is not None:
            yield f"After the repair send what lies in {markdown_code(_dead_letter(graph, alert) or '')} to {markdown_code(read.address)} again{_recognised(graph, alert)}."


def _recognised(graph: Graph, alert: Alert) -> str:
    assert alert.consumption is not None
    by = [each.consume.idempotent_by for topic in graph.topics for each in topic.subscriptions if each.at == alert.consumption.at]
    by += [each.command.idempotent_by for each in graph.queues if each.at == alert.consumption.at]
    return f": what was handled already is recognised by {markdown_code(by[0])}" if by and by[0] else ""
