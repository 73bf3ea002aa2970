"""What an alert threatens: who depends on its subject and how they live without it, and the promises that are at risk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from generator import network, objectives, policies, promql, signals
from generator.alerts import PEER, Alert
from generator.graph import Call, Graph, derived, interfaces_of
from generator.model import Breaker, Component, Fallback, StoreUse
from generator.objectives import PERIOD, Objective
from generator.text import markdown_code, markdown_text

FAILOVER = {"automatic": ", which happens by itself,", "manual": ", which is made by hand,"}


def threatened(graph: Graph, alike: Sequence[Alert]) -> list[str]:
    """Sentences in Markdown; that nothing else depends on it is one, too."""
    alert = alike[0]
    if alert.name == "TelemetryMissing":
        return [_unmeasured(graph, alert)]
    if alert.name in ("HighCallErrorRate", "CircuitBreakerOpen"):
        found = [*_peers(graph, alike), *_promises(graph, alert)]
    elif alert.name in ("HighMessageErrorRate", "ConsumerLag"):
        found = [*_channels(graph, alike), *_promises(graph, alert)]
    elif alert.name == "ReplicationLag":
        found = [line for each in alike for line in _copies(graph, each)]
    elif alert.name == "JobOverdue":
        found = [*_duties(graph, alert)]
    else:
        found = [*_promises(graph, alert), *_callers(graph, alert.subject), *_readers(graph, alert.subject)]
        if alert.name == "ServiceDown":
            found += _waiting(graph, alert)
    return found or [f"Nothing else in the system depends on {markdown_code(alert.subject)}."]


def _unmeasured(graph: Graph, alert: Alert) -> str:
    if alert.component is None:
        return (
            "Every alert on requests, calls, messages and objectives of every component: as long as this holds, no news is not good news."
        )
    promised = ", ".join(markdown_code(each.name) for each in _of(graph, alert.subject))
    return f"Its objectives are not measured, so breaking them goes unnoticed: {promised}."


# --- promises ---------------------------------------------------------------------------------------------------------


def _of(graph: Graph, subject: str) -> list[Objective]:
    return list(objectives.of(graph, subject))


def _promises(graph: Graph, alert: Alert) -> Iterator[str]:
    if alert.component is None and alert.objective is None:
        return
    for each in _of(graph, alert.subject):
        if alert.objective is None or alert.objective.kind == each.kind:
            yield f"{markdown_code(each.name)}: {promise(each)}."


def promise(objective: Objective) -> str:
    """What is promised and what that allows, in words."""
    share = f"{promql.number(objective.share * 100)} %"
    whole = f"of its {objective.measured} in {PERIOD}"
    if objective.threshold is not None:
        return f"{share} {whole} take at most {objective.threshold}"
    minutes = promql.number(round(objective.budget * PERIOD.milliseconds / 60_000, 1))
    own = ", counting only failures that it makes itself" if objective.is_own else ""
    return f"{share} {whole} do not fail{own}: as much as a total failure of {minutes} min"


# --- who calls it -----------------------------------------------------------------------------------------------------


@derived
def _calls(graph: Graph) -> Mapping[str, tuple[Call, ...]]:
    """By whom the connection ends at: a component, a third party, a gateway."""
    found: dict[str, list[Call]] = {}
    for call in graph.calls:
        if call.external is not None:
            names = [signals.external_peer(graph, call.external)]
        elif call.via is not None:
            names = [call.via.name]
        else:
            names = [each.name for each in call.interface.providers] if call.interface is not None else []
        for name in names:
            found.setdefault(name, []).append(call)
    return {name: tuple(each) for name, each in found.items()}


def _calls_to(graph: Graph, subject: str) -> Sequence[Call]:
    return _calls(graph).get(subject, ())


def _callers(graph: Graph, subject: str) -> Iterator[str]:
    calls = sorted(_calls_to(graph, subject), key=lambda each: each.consumer.name)
    for name, group in groupby(calls, key=lambda each: each.consumer.name):
        yield f"{markdown_code(name)} calls it: {'; '.join(dict.fromkeys(dependence(each) for each in group))}."
    own = next((each for each in graph.components if each.name == subject), None)
    if own is not None and any(each.owner is own and each.api.visibility == "public" for each in interfaces_of(graph, own)):
        yield "It answers callers from outside of the system."
    if any(each.name == subject for each in network.gateways(graph)):
        yield "All that comes from outside of the system comes through it."


def dependence(call: Call) -> str:
    """How a consumer lives without the call, in words."""
    operations = ", ".join(markdown_code(each.name) for each in call.methods) or ", ".join(map(markdown_code, call.use.operations))
    what = operations or "its calls"
    return f"{what}, which it {'cannot' if call.use.required else 'can'} do without{_instead(call.use.fallback)}"


def _instead(fallback: Fallback | None) -> str:
    if fallback is None or fallback.type == "none":
        return ""
    note = f" ({markdown_text(fallback.note)})" if fallback.note else ""
    if fallback.type == "cached_response":
        age = f" of at most {fallback.ttl}" if fallback.ttl else ""
        return f", and uses a cached answer{age}{note}"
    return f", and uses a default answer{note}"


def _readers(graph: Graph, subject: str) -> Iterator[str]:
    """Those who wait for its messages."""
    for topic in graph.topics:
        if topic.publisher.name == subject and topic.subscriptions:
            readers = ", ".join(markdown_code(each.consumer.name) for each in topic.subscriptions)
            yield f"{markdown_code(topic.event.name)} may not be published; it is awaited by {readers}."
    for queue in graph.queues:
        if queue.handler.name == subject and queue.senders:
            senders = ", ".join(markdown_code(each.component.name) for each in queue.senders)
            yield f"{markdown_code(queue.command.name)} may not be handled; it is sent by {senders}."


def _waiting(graph: Graph, alert: Alert) -> Iterator[str]:
    for each in signals.own(graph, alert.component).consumptions if alert.component is not None else ():
        yield f"What is on {markdown_code(each.address)} waits{_kept(graph, each.address)}."


def _kept(graph: Graph, address: str) -> str:
    kept = [each.event.retention for each in graph.topics if each.address == address]
    kept += [each.command.retention for each in graph.queues if each.address == address]
    return f", and is lost after {kept[0]}" if kept and kept[0] is not None else ""


# --- what it calls and reads ------------------------------------------------------------------------------------------


def _peers(graph: Graph, alike: Sequence[Alert]) -> Iterator[str]:
    for alert in alike:
        peer = alert.labels["peer"]
        calls = [each for each in _calls_to(graph, peer) if each.consumer == alert.component]
        for call in calls:
            yield f"{markdown_code(peer)}: {dependence(call)}.{_opens(call)}"
        for access in graph.accesses:
            if access.component == alert.component and f"{access.owner.name}.{access.store.name}" == peer:
                required = access.use.required if access.use else access.store.required
                yield f"{markdown_code(peer)}: a store that it {'cannot' if required else 'can'} do without."


def _opens(call: Call) -> str:
    """Each try counts: how many calls it takes until the breaker opens."""
    breaker = call.use.breaker
    if not isinstance(breaker, Breaker):
        return ""
    tries = max((each.tries for each in policies.of_call(call)), default=1)
    calls = -(-breaker.failures // tries)
    counted = f" ({calls} calls of {tries} tries)" if tries > 1 else ""
    return f" Its breaker opens after {breaker.failures} failures in a row{counted} and lets a call through after {breaker.open}."


def _channels(graph: Graph, alike: Sequence[Alert]) -> Iterator[str]:
    for alert in alike:
        assert alert.consumption is not None
        read = alert.consumption
        why = next((each.consume.why for topic in graph.topics for each in topic.subscriptions if each.at == read.at), None)
        purpose = f" ({markdown_text(why)})" if why else ""
        yield f"{markdown_code(read.message)} on {markdown_code(read.address)}{purpose}: what is not handled waits{_kept(graph, read.address)}."


def _copies(graph: Graph, alert: Alert) -> Iterator[str]:
    """Who reads old data, and what a failover would lose."""
    peer = alert.labels[PEER]
    for access in graph.accesses:
        if f"{access.owner.name}.{access.store.name}" != peer:
            continue
        if access.use is not None and access.use.via == "replica":
            why = f" ({markdown_text(access.use.why)})" if access.use.why else ""
            yield f"{markdown_code(access.component.name)} reads {markdown_code(peer)} at a replica, and so old data{why}."
        elif access.use is None and access.store.replicated is not None:
            rpo = f"; at most {access.store.rpo} may be lost" if access.store.rpo is not None else ""
            how = FAILOVER.get(access.store.replicated.failover or "", "")
            yield f"A failover of {markdown_code(peer)}{how} loses what has not arrived at the copy{rpo}."


def _duties(graph: Graph, alert: Alert) -> Iterator[str]:
    component = alert.component
    assert component is not None
    yield from (f"{markdown_text(each)}." for each in component.responsibilities)
    yield from (f"{markdown_code(each)} is not kept up to date." for each in _stores(graph, component))


def _stores(graph: Graph, component: Component) -> list[str]:
    return [f"{each.owner.name}.{each.store.name}" for each in graph.accesses if each.component == component and _writes(each.use)]


def _writes(use: StoreUse | None) -> bool:
    """The owner of a store writes it; another says whether it does."""
    return use is None or use.access == "write"
