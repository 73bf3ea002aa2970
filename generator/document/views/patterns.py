"""Integration patterns that a system uses, as far as the contract shows it: what for, and where."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from generator.diagnostics import At
from generator.graph import Graph
from generator.model import Breaker
from generator.policies import of_call


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern and the places that it is used in."""

    name: str
    source: str
    """Where it is described."""
    purpose: str
    places: tuple[At, ...]


EIP = "Hohpe and Woolf, Enterprise Integration Patterns"
RICHARDSON = "Richardson, Microservices Patterns"
NYGARD = "Nygard, Release It!, 2nd edition"

Finder = Callable[[Graph], Iterator[At]]


def _gateways(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.components if each.runtime is not None and each.runtime.kind == "gateway")


def _published(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.topics if each.subscriptions)


def _commands(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.queues if each.command.reply is None)


def _replies(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.queues if each.command.reply is not None)


def _dead_letters(graph: Graph) -> Iterator[At]:
    yield from (each.at for topic in graph.topics for each in topic.subscriptions if each.dead_letter is not None)
    yield from (each.at for each in graph.queues if each.dead_letter is not None)


def _idempotent_receivers(graph: Graph) -> Iterator[At]:
    yield from (each.at for topic in graph.topics for each in topic.subscriptions if each.consume.idempotent_by is not None)
    yield from (each.at for each in graph.queues if each.command.idempotent_by is not None)


def _filters(graph: Graph) -> Iterator[At]:
    return (each.at for topic in graph.topics for each in topic.subscriptions if each.consume.only)


def _breakers(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.calls if isinstance(each.use.breaker, Breaker))


def _bulkheads(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.calls if each.use.concurrency is not None)


def _retries(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.calls if any(policy.tries > 1 for policy in of_call(each)))


def _fallbacks(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.calls if each.use.fallback is not None and each.use.fallback.type != "none")


def _idempotency_keys(graph: Graph) -> Iterator[At]:
    return (method.at for interface in graph.interfaces for method in interface.methods if method.idempotency == "key")


def _own_stores(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.accesses if each.use is None)


def _caches(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.caches)


def _read_models(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.read_models)


def _sourced(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.records)


def _captured(graph: Graph) -> Iterator[At]:
    return (each.store.at for each in graph.accesses if each.use is None and each.store.capture is not None)


def _sagas(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.sagas)


def _flows(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.pipelines)


def _health(graph: Graph) -> Iterator[At]:
    return (each.at for each in graph.interfaces if each.owner is None)


CATALOGUE: tuple[tuple[str, str, str, Finder], ...] = (
    ("API gateway", RICHARDSON, "one way in: TLS, tokens and limits are looked at once", _gateways),
    ("Database per service", RICHARDSON, "each record has one owner, who can change how it is kept", _own_stores),
    ("Circuit breaker", NYGARD, "a caller stops asking a callee that fails, and gives it time", _breakers),
    ("Bulkhead", NYGARD, "one slow callee does not take all connections", _bulkheads),
    ("Retry", NYGARD, "a failure that passes is met by one more try, where repeating does no harm", _retries),
    ("Fallback", NYGARD, "the work goes on with an older or a plainer answer", _fallbacks),
    ("Idempotency key", "draft-ietf-httpapi-idempotency-key-header", "a request that is sent again is carried out once", _idempotency_keys),
    ("Publish-subscribe channel", EIP, "who tells something need not know who listens, nor wait", _published),
    ("Point-to-point channel", EIP, "one handler takes each command, when it can", _commands),
    ("Request-reply", EIP, "an answer that takes its time comes as a message", _replies),
    ("Message filter", EIP, "a subscriber gets only what concerns it", _filters),
    ("Idempotent receiver", EIP, "a message that is delivered twice is handled once", _idempotent_receivers),
    ("Dead letter channel", EIP, "a message that cannot be handled stands aside and is not lost", _dead_letters),
    ("Saga", RICHARDSON, "work at several owners is done, or undone, without a common transaction", _sagas),
    ("Cache", "Fowler, Patterns of Enterprise Application Architecture", "a copy answers faster than its source", _caches),
    ("CQRS read model", RICHARDSON, "what is read is kept as it is asked for, made from events", _read_models),
    ("Event sourcing", RICHARDSON, "a record is what its events say, and can be made again from them", _sourced),
    ("Change data capture", EIP, "rows that change become events, without a second write", _captured),
    ("Data pipeline", EIP, "data is checked, enriched and moved to where it is analysed", _flows),
    ("Uniform health interface", RICHARDSON, "the platform asks every component alike how it is", _health),
)


def in_use(graph: Graph) -> tuple[Pattern, ...]:
    """The patterns that are used, those in the most places first."""
    found = [Pattern(name, source, purpose, tuple(finder(graph))) for name, source, purpose, finder in CATALOGUE]
    return tuple(sorted((each for each in found if each.places), key=lambda each: (-len(each.places), each.name)))
