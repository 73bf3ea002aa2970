"""Personal data: no further than needed, not where nobody can delete it, and no longer than where it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from generator import lineage, placement
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import (
    Call,
    Graph,
    Interface,
    Method,
    StoreTable,
    Topic,
    derived,
    parts,
)
from generator.model import Command, Component, Event, Parameter, Schema, Store
from generator.personal import PROTECTED, SCALARS, fold
from generator.review.copies import FOR_EVER
from generator.review.deployment import settled
from generator.text import some
from generator.units import Duration


class Personal(NamedTuple):
    """A field that tells of a person."""

    name: str
    classification: str


def personal_fields(graph: Graph, schema: Schema | None, name: str = "") -> tuple[Personal, ...]:
    """The protected fields of a value at any depth, without pseudonyms: a random identifier tells nobody who it is (GDPR, article 4(5))."""
    found: dict[str, Personal] = {}
    waiting, seen = [(schema, name)] if schema is not None else [], set[str]()
    while waiting:
        held, name = waiting.pop()
        level = _classification(graph, held)
        if level is not None:
            if not _is_pseudonym(graph, held, level):
                found.setdefault(name, Personal(name, level))
            continue
        if held.ref is not None:
            if held.ref in seen:
                continue
            seen.add(held.ref)
            held = graph.resolve(held)
        if held.type not in SCALARS:
            names = {id(each.schema): each.name for each in held.properties}
            waiting += [(each, names.get(id(each), name)) for each in parts(held)]
    return tuple(found[each] for each in sorted(found))


def _classification(graph: Graph, schema: Schema) -> str | None:
    """The strictest that a value, or a type that it is, says of itself; None for what is not protected."""
    said = [schema.classification]
    while schema.ref is not None:
        schema = graph.types[schema.ref].schema
        said.append(schema.classification)
    return max((each for each in said if each in PROTECTED), key=PROTECTED.index, default=None)


def _is_pseudonym(graph: Graph, schema: Schema, level: str) -> bool:
    return level == "personal" and (graph.resolve(schema).format == "uuid" or schema.ref in _identifiers(graph))


@derived
def _identifiers(graph: Graph) -> frozenset[str]:
    """Types by which the entities of the system are named everywhere; an address of mail is no pseudonym."""
    found = set()
    for master in graph.masters:
        row = lineage.properties(graph, graph.types[master.type].schema) if master.type is not None else {}
        held = row.get(master.data.identifier or "")
        if held is not None and held[0].schema.ref is not None and graph.resolve(held[0].schema).format is None:
            found.add(held[0].schema.ref)
    return frozenset(found)


def _listed(fields: Sequence[Personal]) -> str:
    return some([each.name or "the whole" for each in fields])


def across_domains(graph: Graph) -> Iterator[Diagnostic]:
    """`personal-across-domains` (warning): a component of another domain is given personal data, and does not say what it reads of it.

    Data may be taken only as far as it is needed for the purpose (GDPR, article 5(1)(c)). Where a consumer says what it reads, others
    can see whether that is so, and the publisher can stop sending the rest. Looked at are events and answers whose two ends are of
    different domains; identifiers that are pseudonyms, gateways and fields that a flow picks out are left alone.

        component: newsletter
        domain: marketing
        consumes: [{event: accounts.CustomerMoved}]

    Fix: `reads:` and the properties that are needed.
    """
    picked = {(each.component.name, source.topic.id) for each in graph.pipelines for source in each.sources if source.topic is not None}
    for topic in graph.topics:
        near = (topic.publisher.domain, None)
        far = [
            each for each in topic.subscriptions if topic.publisher.domain and each.consumer.domain not in near and not each.consume.reads
        ]
        fields = personal_fields(graph, topic.event.payload) if far else ()
        for each in far if fields else ():
            if (each.consumer.name, topic.id) not in picked:
                yield _unread(each.consumer, topic.publisher, topic.id, fields, each.consume.at["event"])
    looked_up = {id(each.call) for pipeline in graph.pipelines for each in pipeline.lookups if each.call is not None}
    for call in graph.calls:
        if id(call) not in looked_up and not call.use.reads and not placement.is_gateway(call.consumer):
            yield from _answered(graph, call)


def _answered(graph: Graph, call: Call) -> Iterator[Diagnostic]:
    provider = call.interface.owner if call.interface is not None else None
    if provider is None or call.consumer.domain is None or provider.domain in (None, call.consumer.domain):
        return
    fields = {each.name: each for method in call.methods for each in personal_fields(graph, method.response)}
    if fields:
        yield _unread(call.consumer, provider, call.target, [fields[each] for each in sorted(fields)], call.use.at["api"])


def _unread(consumer: Component, provider: Component, what: str, fields: Sequence[Personal], at: Span) -> Diagnostic:
    message = (
        f'{consumer.name} ({consumer.domain}) is given {_listed(fields)} by "{what}" ({provider.domain}), and does not say what it reads'
    )
    return Diagnostic("personal-across-domains", at, message, "reads: and the properties that are needed", Severity.WARNING)


def urls(graph: Graph) -> Iterator[Diagnostic]:
    """`personal-in-url` (warning): a path or query parameter carries personal data.

    URLs are written to access logs, traces and browser histories, and are handed on as Referer, by programs that know nothing of what
    is in them (RFC 9110, section 17.9; OWASP API Security). An identifier that is a pseudonym may stand there.

        findUser: {http: GET /users, parameters: {email: {type: string, format: email, x-classification: personal}}}

    Fix: look it up by an identifier, or let it travel in the body of a POST.
    """
    for interface in graph.interfaces:
        carried: dict[Span, tuple[Parameter, list[str]]] = {}
        for method in interface.http_methods:
            for parameter in method.parameters:
                if parameter.where in ("path", "query"):
                    carried.setdefault(parameter.at.span, (parameter, []))[1].append(method.name)
        for at, (parameter, methods) in carried.items():
            for each in personal_fields(graph, parameter.schema, parameter.name)[:1]:
                message = f'"{parameter.name}" is {each.classification}, and stands in the {parameter.where} of {", ".join(methods)}'
                help = "an identifier instead; or the body of a POST"
                yield Diagnostic("personal-in-url", at, message, help, Severity.WARNING)


def keys(graph: Graph) -> Iterator[Diagnostic]:
    """`personal-key` (warning): messages or entries of a cache are keyed by personal data.

    Keys are shown where values are not: in logs of brokers and consumers, in tools that list a topic or a cache, in metrics of hot
    keys; and encryption of the payload leaves them in clear. A compacted topic keeps the last message of each key until somebody
    deletes that very key. An identifier that is a pseudonym may be a key.

        publishes: {CustomerMoved: {version: "1.0.0", payload: Customer, key: email}}

    Fix: key by an identifier that tells nothing of the person.
    """
    for what, name, holder, at in (*_keyed_messages(graph), *_keyed_entries(graph)):
        held = next((each for key, (each, _) in lineage.properties(graph, holder).items() if fold(key) == fold(name)), None)
        for found in personal_fields(graph, held.schema, name)[:1] if held is not None else ():
            text = f'{what} are keyed by "{name}", which is {found.classification}'
            yield Diagnostic("personal-key", at, text, "an identifier that tells nothing of the person", Severity.WARNING)


Keyed = tuple[str, str, Schema, Span]
"""What is keyed, by which property of what, and where that is said."""


def _keyed_messages(graph: Graph) -> Iterator[Keyed]:
    messages: list[Event | Command] = [*(each.event for each in graph.topics), *(each.command for each in graph.queues)]
    for message in messages:
        if message.key is not None:
            yield f'messages of "{message.name}"', message.key, message.payload, message.at["key"]


def _keyed_entries(graph: Graph) -> Iterator[Keyed]:
    for copy in graph.caches:
        if copy.cache.entry is not None and copy.holds is not None:
            for name in lineage.entry_fields(copy.cache.entry):
                yield f'entries of "{copy.id}"', name, copy.holds, copy.cache.at["entry"]


def open_answers(graph: Graph) -> Iterator[Diagnostic]:
    """`personal-without-auth` (error, warning): an operation answers whoever asks with personal data.

    An error for what is public, and a warning for what is internal and says `auth: none`. What the caller has sent itself may come
    back to it, and an operation that takes a secret, such as a password, checks who calls by that.

        provides:
          users: {visibility: public, auth: none, http: {}, operations: {getUser: {http: "GET /{userId}", response: User}}}

    Fix: `auth:` and a scheme, or an answer without these fields.
    """
    for interface in graph.interfaces:
        for method in interface.methods if interface.api.visibility != "private" else ():
            if not _is_open(interface, method):
                continue
            given = _given(graph, method)
            fields = [
                each for each in personal_fields(graph, method.response) if each.classification != "secret" and each.name not in given
            ]
            if fields and "secret" not in given.values():
                is_public = interface.api.visibility == "public"
                message = (
                    f'"{method.name}" is {interface.api.visibility}, takes calls without authentication, and answers with {_listed(fields)}'
                )
                severity = Severity.ERROR if is_public else Severity.WARNING
                help = "auth: and a scheme, at the operation or the interface; or leave the fields out"
                yield Diagnostic("personal-without-auth", method.at["response"], message, help, severity)


def _is_open(interface: Interface, method: Method) -> bool:
    """Of what is internal and says nothing, the mesh lets only those call that the contract names."""
    said = method.operation.auth if method.operation.auth is not None else interface.api.auth
    return said == "none" or (said is None and interface.api.visibility == "public")


def _given(graph: Graph, method: Method) -> Mapping[str, str]:
    """The protected fields that a caller sends."""
    sent = [*personal_fields(graph, method.request)]
    for parameter in method.parameters:
        sent += personal_fields(graph, parameter.schema, parameter.name)
    return {each.name: each.classification for each in sent}


# --- how long personal data is kept -----------------------------------------------------------------------------------


def topics(graph: Graph) -> Iterator[Diagnostic]:
    """`topic-outlives-source` (warning): personal data is kept on a topic for longer than where it comes from.

    When the source deletes what it need not keep, the messages are still there to be read, and single messages of a topic cannot be
    deleted. A topic that is compacted keeps the last of each key for ever, but for captured rows, which leave it when they are deleted.
    Compared are the topic's retention and the longest of the stores that its publisher owns and of their tables, where each says how
    long it keeps data. Copies that a flow publishes have sources of their own, and are left alone.

        stores: {customer-db: {kind: postgresql, retention: 90d}}
        publishes: {CustomerMoved: {version: "1.0.0", payload: Customer, retention: 1y}}

    Fix: keep messages no longer than their source, or leave the fields out and let consumers ask.
    """
    captured = {f"{table.owner.name}.{table.table.captured_as}" for table in graph.tables}
    copied = {target.topic.id for pipeline in graph.pipelines for target in pipeline.targets if target.topic is not None}
    for topic in graph.topics:
        kept, source = _kept_on(topic), _kept_in(topic.publisher)
        follows = topic.id in copied or (topic.event.compacted and topic.id in captured)
        if kept is None or source is None or kept[0] <= source.time or follows:
            continue
        fields = personal_fields(graph, topic.event.payload)
        if fields:
            how = "for ever" if topic.event.compacted else f"for {kept[0]}"
            message = f'"{topic.id}" keeps {_listed(fields)} {how}, and "{source.name}", where it comes from, for {source.time}'
            related = (Related(source.at, "where it comes from"),)
            help = f"retention: {source.time} or less, and not compacted"
            yield Diagnostic("topic-outlives-source", kept[1], message, help, Severity.WARNING, related)


class Kept(NamedTuple):
    """How long something is kept, and where that is said."""

    name: str
    time: Duration
    at: Span


def _kept_on(topic: Topic) -> tuple[Duration, Span] | None:
    if topic.event.compacted:
        return FOR_EVER, topic.at["compacted"]
    return (topic.event.retention, topic.at["retention"]) if topic.event.retention is not None else None


def _kept_in(owner: Component) -> Kept | None:
    """The longest that any store of a component keeps something; None where one does not say."""
    found: list[Kept | None] = []
    for store in owner.stores:
        found += [_kept_rows(StoreTable(owner, store, each)) for each in store.tables]
        found += [_kept(owner, store)] if store.retention is not None or not store.tables else []
    known = [each for each in found if each is not None]
    return max(known, key=lambda each: each.time) if known and len(known) == len(found) else None


def _kept_rows(table: StoreTable) -> Kept | None:
    if table.table.retention is not None:
        return Kept(table.id, table.table.retention, table.at["retention"])
    return _kept(table.owner, table.store)


def _kept(owner: Component, store: Store) -> Kept | None:
    return Kept(f"{owner.name}.{store.name}", store.retention, store.at["retention"]) if store.retention is not None else None


def tables(graph: Graph) -> Iterator[Diagnostic]:
    """`personal-without-retention` (warning): a table has personal columns, and nothing says how long its rows are kept.

    Personal data may be kept no longer than its purpose needs it (GDPR, article 5(1)(e)). What nobody has said nobody deletes, and
    copies made from it cannot be held against anything. Tables whose columns are pseudonyms at most are left alone, and of those for
    refused records the flow says it.

        stores:
          customer-db: {kind: postgresql, tables: {customers: {row: Customer, key: [id]}}}

    Fix: `retention` of the table or the store.
    """
    known = settled(graph)
    refused = {(each.flow.quarantine.store, each.flow.quarantine.table) for each in graph.pipelines if each.flow.quarantine is not None}
    for table in graph.tables:
        if (f"{table.owner.name}.{table.store.name}", table.table.name) in refused:
            continue
        place = f"{table.owner.name}.stores.{table.store.name}"
        places = {f"{place}.retention", f"{place}.tables.{table.table.name}.retention"}
        fields = personal_fields(graph, table.table.row) if _kept_rows(table) is None and not places & known else ()
        if fields:
            message = f'nothing says how long "{table.id}" keeps its rows, which have {_listed(fields)}'
            help = "retention: 3y, of the table or of its store"
            yield Diagnostic("personal-without-retention", table.at.span, message, help, Severity.WARNING)


RULES = (across_domains, urls, keys, open_answers, topics, tables)
