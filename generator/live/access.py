"""Who reaches what: declared calls are answered, everything else is refused, tokens are checked, the way in and the way out are those of the contract."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from generator import network, placement
from generator.live.lab import Handshake, Probe, Reply, Result, Token
from generator.live.mesh import Pod
from generator.live.observation import Observation, first_of
from generator.live.requests import PARAMETER, concrete, is_checked
from generator.live.stage import INGRESS, Stage
from generator.live.ways import Way
from generator.network import Edge, Request

HTTPS = 443
STRANGER = "undeclared.invalid"
"""A host of nobody (RFC 2606)."""
NO_PROXY = "nothing runs a proxy for the caller"
BY_ADDRESS = "it is told from others by its address, and nothing redirects connections here"
LOW_PORT = "this user may not listen on ports below 1024"
PATIENCE = 10.0
"""Seconds after which nobody answers any more."""
STREAMED = 3


@dataclass(frozen=True, slots=True)
class Question:
    """A probe, and whether it is to be answered."""

    about: Hashable
    """Questions about the same are one observation."""
    what: str
    probe: Probe
    is_allowed: bool
    caller: str = ""
    """Identity that the server must see."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of the questions about one thing."""

    let_in: int
    refused: int
    wrong: tuple[str, ...]

    @property
    def shown(self) -> str:
        if self.wrong:
            return first_of(self.wrong)
        parts = [f"{self.let_in} answered"] if self.let_in else []
        parts += [f"{self.refused} refused"] if self.refused else []
        return ", ".join(parts)


def observe(stage: Stage, found: Sequence[Way]) -> Iterator[Observation]:
    """Families `calls`, `identities`, `tokens`, `egress`, `way in`."""
    yield from calls(stage, found)
    yield from identities(stage)
    yield from tokens(stage, found)
    yield from egress(stage)
    yield from way_in(stage, found)


def answers(stage: Stage, questions: Iterable[Question]) -> dict[Any, Answers]:
    """By what the questions are about; those about the same are asked one by one, as only so many may be under way at once."""
    groups: dict[Hashable, list[Question]] = defaultdict(list)
    for each in questions:
        groups[each.about].append(each)
    sequences = [[replace(each.probe, patience=PATIENCE) for each in group] for group in groups.values()]
    found = {}
    for (about, group), results in zip(groups.items(), stage.lab.ask_in_turn(sequences), strict=True):
        faults = ((each.what, _fault(each, result)) for each, result in zip(group, results, strict=True))
        wrong = tuple(f"{what}: {fault}" for what, fault in faults if fault)
        found[about] = Answers(sum(each.is_allowed for each in group), sum(not each.is_allowed for each in group), wrong)
    return found


def _fault(question: Question, result: Result) -> str:
    is_answered = result.is_answered if question.is_allowed else bool(result.tries)
    is_reached = bool(result.body) if question.probe.kind == "tcp" else is_answered
    if is_reached != question.is_allowed:
        return f"answered ({result.shown})" if is_reached else f"{result.shown} {result.error or result.body}".strip()
    if question.caller and result.tries and result.tries[0].caller != question.caller:
        return f"seen as {result.tries[0].caller or 'nobody'}"
    return ""


# --- calls ------------------------------------------------------------------------------------------------------------


def calls(stage: Stage, found: Sequence[Way]) -> Iterator[Observation]:
    """Every operation that is called is answered on the way of its caller, who is known by its identity."""
    questions: list[Question] = []
    facts: dict[tuple[str, str], Way] = {}
    missing = set()
    for each in found:
        about = (each.consumer.name, each.policy.call.target)
        facts.setdefault(about, each)
        fields = stage.way(each.consumer, each.listener)
        if fields is None:
            missing.add(about)
            continue
        pod = stage.mesh.pods[each.consumer.name]
        caller = stage.identity(pod.account, pod.namespace)
        questions.append(Question(about, each.request.operation.name, _streamed(each, stage, fields), True, caller))
    known = answers(stage, questions)
    for about, each in facts.items():
        call = each.policy.call
        promise = f"{each.consumer.name} calls {call.target} over {call.protocol}"
        if about in missing:
            yield _no_way(stage, "calls", each, promise)
        else:
            yield stage.observe("calls", each.at, promise, known[about].shown, not known[about].wrong)
    yield from _through_gateway(stage)


def _streamed(each: Way, stage: Stage, fields: dict[str, Any]) -> Probe:
    """With several messages where the operation is a stream."""
    wanted = Probe(**fields, **stage.asker.fields(each.request))
    stream = each.request.operation.operation.stream
    if stream == "none" or wanted.kind != "grpc":
        return wanted
    asked = STREAMED if stream in ("request", "both") else 1
    told = STREAMED if stream in ("response", "both") else 1
    return replace(wanted, messages=asked, replies=(Reply(messages=told),))


def _no_way(stage: Stage, family: str, each: Way, promise: str) -> Observation:
    if each.consumer.name in stage.mesh.pods and each.listener.service_port in stage.mesh.refused_ports:
        return stage.observe(family, each.at, promise, LOW_PORT, "not proven")
    return stage.observe(family, each.at, promise, NO_PROXY, "broken")


def _through_gateway(stage: Stage) -> Iterator[Observation]:
    """Calls by the public name: the caller's TLS ends in the gateway."""
    host = stage.environment.host
    for call in stage.graph.calls:
        pod = stage.pod(call.consumer.name)
        if call.via is None or host is None or not placement.is_deployed(call.consumer):
            continue
        promise = f"{call.consumer.name} calls {call.target} through {call.via.name}"
        if pod is None or HTTPS in stage.mesh.refused_ports:
            yield stage.observe("calls", call.at, promise, LOW_PORT if pod is not None else NO_PROXY, "not proven")
            continue
        way: dict[str, Any] = {"address": f"{pod.outbound}:{HTTPS}", "host": host, "tls": Handshake(server_name=host, verified=True)}
        asked = [
            Question(call.target, each.operation.name, Probe(**way, **stage.asker.fields(each)), True) for each in network.requests(call)
        ]
        known = answers(stage, asked)[call.target]
        yield stage.observe("calls", call.at, promise, known.shown, not known.wrong)


# --- identities -------------------------------------------------------------------------------------------------------


def identities(stage: Stage) -> Iterator[Observation]:
    """Each listener lets in whom an edge names, for what it names; asked at the listener itself, whatever a caller's own proxy would do."""
    into: dict[tuple[str, int], list[Edge]] = defaultdict(list)
    for edge in stage.edges:
        pod = stage.pod(edge.target.name.replace(".", "-"))
        if pod is not None and not pod.is_gateway and edge.port in pod.ports.values():
            into[edge.target.name, edge.port].append(edge)
    questions: list[Question] = []
    for (name, port), edges in into.items():
        pod = stage.mesh.pods[name.replace(".", "-")]
        questions += _asked_at(stage, pod, port, edges)
    known = answers(stage, questions)
    for about, edges in into.items():
        if about in known:
            callers = sorted({edge.source.name for edge in edges})
            promise = f"{about[0]} lets in on port {about[1]} only {', '.join(callers)}, each for what it uses"
            yield stage.observe("identities", edges[0].because[0], promise, known[about].shown, not known[about].wrong)


def _asked_at(stage: Stage, pod: Pod, port: int, edges: Sequence[Edge]) -> Iterator[Question]:
    about = (edges[0].target.name, port)
    address = f"{pod.address}:{port}"
    carried = [request for edge in edges for request in edge.requests]
    who = {stage.identity(each.name): each.name for each in placement.deployed(stage.graph)}
    for edge in edges:
        if edge.source.account is not None:
            who[stage.identity(edge.source.account, edge.source.namespace)] = edge.source.name
    friend = next((edge.source.account for edge in edges if edge.source.account is not None), "default")
    who |= {stage.identity("default"): "another account", stage.identity(friend, "elsewhere"): f"{friend} of another namespace"}
    for identity, caller in who.items():
        if not carried:
            let_in = _is_named(stage, identity, edges)
            yield Question(about, caller, Probe("tcp", address, tls=Handshake(identity)), let_in)
        for request, method, path in _requests(carried):
            probe = _direct(stage, request, address, identity, method, path)
            let_in = any(_is_named(stage, identity, [edge]) and _is_carried(edge, method, path) for edge in edges)
            yield Question(about, f"{caller} {method} {path}", probe, let_in)
    if carried:
        first = carried[0]
        plain = _direct(stage, first, address, "", first.method, concrete(first.path))
        yield Question(about, "without a certificate", plain, False)
        yield Question(about, "without TLS", replace(plain, tls=None), False)


def _is_named(stage: Stage, identity: str, edges: Iterable[Edge]) -> bool:
    return any(edge.source.account is not None and stage.identity(edge.source.account, edge.source.namespace) == identity for edge in edges)


def _is_carried(edge: Edge, method: str, path: str) -> bool:
    return any((each.method, concrete(each.path)) == (method, path) for each in edge.requests)


def _requests(carried: Iterable[Request]) -> Iterator[tuple[Request, str, str]]:
    """What is carried, and near it what is not: another method, another path."""
    known = list(carried)
    seen = {(each.method, concrete(each.path)): each for each in reversed(known)}
    for each in known:
        other = "PUT" if each.method == "DELETE" else "DELETE"
        for method, where in ((other, concrete(each.path)), (each.method, "/undeclared/a1/b2/c3")):
            if not _matches(method, where, known):
                seen.setdefault((method, where), each)
    for (method, path), request in seen.items():
        yield request, method, path


def _direct(stage: Stage, request: Request, address: str, identity: str, method: str, path: str) -> Probe:
    """To the listener itself, with the right token."""
    fields = stage.asker.fields(request) | {"method": method, "path": path}
    return Probe(address=address, host=address, tls=Handshake(identity), **fields)


# --- tokens -----------------------------------------------------------------------------------------------------------


def tokens(stage: Stage, found: Sequence[Way]) -> Iterator[Observation]:
    """Each operation that asks for a token takes the right one alone."""
    questions: list[Question] = []
    facts: dict[tuple[str, str], Way] = {}
    for each in found:
        request, pod = each.request, stage.pod(each.provider.name)
        caller = stage.pod(each.consumer.name)
        if pod is None or caller is None or not is_checked(request.scheme):
            continue
        about = (each.provider.name, request.operation.name)
        if about in facts:
            continue
        facts[about] = each
        address, identity = f"{pod.address}:{each.listener.port}", stage.identity(caller.account, caller.namespace)
        right = _direct(stage, request, address, identity, request.method, concrete(request.path))
        questions += [Question(about, what, replace(right, token=token), is_right) for what, token, is_right in _shown(stage, request)]
    known = answers(stage, questions)
    for about, each in facts.items():
        scheme = each.request.scheme
        assert scheme is not None
        needed = [*each.request.operation.operation.scopes, *each.request.operation.operation.roles]
        promise = f"{each.provider.name}.{each.request.operation.name} asks for a token of {scheme.name}"
        promise += f" with {' and '.join(needed)}" if needed else ""
        yield stage.observe("tokens", each.request.operation.at, promise, known[about].shown, not known[about].wrong)


def _shown(stage: Stage, request: Request) -> Iterator[tuple[str, Token | None, bool]]:
    """What a client shows, and whether it is to be let in."""
    scheme, operation = request.scheme, request.operation.operation
    assert scheme is not None

    def token(**claims: Any) -> Token:
        found = stage.asker.fields(request, **claims)["token"]
        assert isinstance(found, Token)
        return found

    yield "the right token", token(), True
    yield "no token", None, False
    yield "a forged token", replace(token(), forged=True), False
    yield "an old token", token(exp=1), False
    yield "a token of another issuer", token(iss="https://other.invalid"), False
    if scheme.audiences:
        yield "a token for another audience", token(aud="other"), False
    for scope in operation.scopes:
        left = " ".join(each for each in operation.scopes if each != scope)
        yield f"a token without {scope}", token(**{scheme.scope_claim: left or "other"}), False
    if operation.roles:
        yield "a token with another role", token(**{scheme.roles_claim: ["other"]}), False


# --- the way out ------------------------------------------------------------------------------------------------------


def egress(stage: Stage) -> Iterator[Observation]:
    """Each workload reaches the hosts outside that it uses, and no other."""
    questions: list[Question] = []
    wanted: dict[str, list[Edge]] = {}
    tried = {key: said for key, said in stage.mesh.outside.items() if said != "address" and key[1] not in stage.mesh.refused_ports}
    for component in placement.deployed(stage.graph):
        pod = stage.pod(component.name)
        if pod is None or pod.is_gateway:
            continue
        mine = [each for each in network.outward(stage.edges, component) if each.target.host is not None]
        wanted[component.name] = [each for each in mine if each.target.namespace is None]
        reached = {(each.target.host, each.port) for each in mine}
        for (host, port), spoken in tried.items():
            questions.append(Question(component.name, f"{host}:{port}", _outward(pod, host, port, spoken), (host, port) in reached))
        for port, spoken in sorted({port: said for (_, port), said in tried.items()}.items()):
            questions.append(Question(component.name, f"{STRANGER}:{port}", _outward(pod, STRANGER, port, spoken), False))
    known = answers(stage, questions)
    for name, edges in wanted.items():
        hosts = sorted({f"{each.target.host}:{each.port}" for each in edges if (each.target.host, each.port) in tried})
        at = edges[0].because[0] if edges else next(each.at for each in stage.graph.components if each.name == name)
        if name in known:
            promise = f"{name} reaches {', '.join(hosts) or 'no host'} outside and no other"
            yield stage.observe("egress", at, promise, known[name].shown, not known[name].wrong)
        yield from (_unreached(stage, name, edge) for edge in edges if (edge.target.host, edge.port) not in tried)


def _unreached(stage: Stage, name: str, edge: Edge) -> Observation:
    """Why a host outside was not tried: that nothing leads there is a fault, all else is this machine's."""
    promise = f"{name} reaches {edge.target.host or edge.target.name}:{edge.port} outside"
    if not edge.target.host:
        return stage.observe("egress", edge.because[0], promise, "the contract does not say where it is", "not proven")
    if edge.port in stage.mesh.refused_ports:
        return stage.observe("egress", edge.because[0], promise, LOW_PORT, "not proven")
    if stage.mesh.outside.get((edge.target.host, edge.port)) == "address" or edge.transport == "UDP":
        return stage.observe("egress", edge.because[0], promise, BY_ADDRESS, "not proven")
    return stage.observe("egress", edge.because[0], promise, "nothing leads there", "broken")


def _outward(pod: Pod, host: str, port: int, spoken: str) -> Probe:
    if spoken == "http":
        return Probe("http1", f"{pod.outbound}:{port}", host=host if port == 80 else f"{host}:{port}")
    return Probe("tcp", f"{pod.outbound}:{port}", tls=Handshake(server_name=host))


# --- the way in -------------------------------------------------------------------------------------------------------


def way_in(stage: Stage, found: Sequence[Way]) -> Iterator[Observation]:
    """From outside, the public operations are reached by the public name over TLS, and nothing else is."""
    environment, fields = stage.environment, stage.public()
    if environment.host is None:
        return
    through = [each for each in found if placement.is_gateway(each.consumer) or not stage.graph.calls or each.consumer.name == INGRESS]
    if not through:
        return
    promise = f"{environment.host} shows its certificate and answers {len(through)} operations"
    if stage.door() is None:
        yield stage.observe("way in", environment.at, promise, "nothing runs a gateway", "broken")
        return
    if fields is None:
        yield stage.observe("way in", environment.at, promise, LOW_PORT, "not proven")
        return
    questions = [Question("in", each.request.operation.name, Probe(**fields, **stage.asker.fields(each.request)), True) for each in through]
    questions += _closed(stage, found, through, fields)
    known = answers(stage, questions)
    yield stage.observe("way in", environment.at, promise, known["in"].shown, not known["in"].wrong)
    shut = f"nothing else is reached through {environment.host}"
    yield stage.observe("way in", environment.at, shut, known["shut"].shown, not known["shut"].wrong)


def _closed(stage: Stage, found: Sequence[Way], through: Sequence[Way], fields: dict[str, Any]) -> Iterator[Question]:
    routed = {(each.request.method, concrete(each.request.path)) for each in through}
    first = through[0].request
    for request, method, path in _requests(each.request for each in found):
        if (method, path) not in routed and not _matches(method, path, [each.request for each in through]):
            probe = Probe(**fields, **(stage.asker.fields(request) | {"method": method, "path": path}))
            yield Question("shut", f"{method} {path}", probe, False)
    right = Probe(**fields, **stage.asker.fields(first))
    yield Question("shut", "another host", replace(right, host=STRANGER, tls=Handshake(server_name=STRANGER)), False)
    yield Question("shut", "another host behind the right name", replace(right, host=STRANGER), False)
    yield Question("shut", "TLS 1.1", replace(right, tls=Handshake(server_name=right.host, outdated=True)), False)
    yield Question("shut", "without TLS", replace(right, tls=None), False)


def _matches(method: str, path: str, requests: Iterable[Request]) -> bool:
    """Whether a path is that of an operation with its parameters filled in."""
    return any(each.method == method and re.fullmatch("[^/]+".join(map(re.escape, PARAMETER.split(each.path))), path) for each in requests)
