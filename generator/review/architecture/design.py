"""API design: the interfaces of one system look as if one mind had made them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from generator import names
from generator.diagnostics import NOWHERE, Diagnostic, Related, Severity, Span
from generator.graph import Graph, Interface, Method, derived
from generator.model import ErrorType, Parameter, Property, Schema
from generator.review.deployment import settled
from generator.review.schemas import a, with_parts

CASINGS: Mapping[str, re.Pattern[str]] = {
    "camelCase": re.compile(r"[a-z][a-z0-9]*([A-Z][a-z0-9]*)+"),
    "PascalCase": re.compile(r"(?=.*[a-z])([A-Z][a-z0-9]*)+"),
    "snake_case": re.compile(r"[a-z0-9]+(_[a-z0-9]+)+"),
    "kebab-case": re.compile(r"[a-z0-9]+(-[a-z0-9]+)+"),
    "UPPER_CASE": re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)+"),
}
K = TypeVar("K", bound=Hashable)


def casing(name: str) -> str | None:
    """How a name joins its words; None for a single word, which is right in every casing, and for what is no plain name."""
    return next((casing for casing, pattern in CASINGS.items() if pattern.fullmatch(name)), None)


def _usual(counts: Counter[K], everywhere: Counter[K]) -> K:
    """What most do; of two that as many do, what more do in the whole system."""
    return max(counts, key=lambda each: (counts[each], everywhere[each], str(each)))


# --- what a component shows -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Family:
    """Names that one client reads together: those of an interface, or of the messages of a component."""

    name: str
    parameters: tuple[Parameter, ...]
    objects: tuple[tuple[Property, ...], ...]
    """The properties of each object that is shown."""

    @property
    def together(self) -> Iterator[tuple[Parameter | Property, ...]]:
        """What is reported as one: each parameter, the properties of each object."""
        yield from ((each,) for each in self.parameters)
        yield from self.objects

    @property
    def fields(self) -> Iterator[Parameter | Property]:
        return (each for together in self.together for each in together)


@derived
def _families(graph: Graph) -> tuple[Family, ...]:
    """Rows of tables, queries and cached entries are named by their engines, captured ones, too: they are no part of it."""
    captured = {(each.owner.name, each.table.captured_as) for each in graph.tables}
    messages: dict[str, list[Schema]] = {}
    for topic in graph.topics:
        if (topic.publisher.name, topic.event.name) not in captured:
            messages.setdefault(topic.publisher.name, []).append(topic.event.payload)
    for queue in graph.queues:
        shown = (each for each in (queue.command.payload, queue.command.reply) if each is not None)
        messages.setdefault(queue.handler.name, []).extend(shown)
    interfaces = (_family(graph, f'the interface "{each.id}"', _named(each), each.schemas) for each in graph.interfaces)
    return (*interfaces, *(_family(graph, f"the messages of {name}", (), each) for name, each in messages.items()))


def _named(interface: Interface) -> Iterator[Parameter]:
    """Headers have names of their own kind."""
    return (each for method in interface.methods for each in method.parameters if each.where != "header")


def _family(graph: Graph, name: str, parameters: Iterable[Parameter], schemas: Iterable[Schema]) -> Family:
    shown = list(schemas)
    reached = with_parts([*shown, *(graph.types[each].schema for each in graph.closure(shown))])
    # Of the page that we make around a list, nothing stands in the contract.
    objects = (tuple(each for each in schema.properties if each.at is not NOWHERE) for schema in reached)
    return Family(name, tuple(parameters), tuple(each for each in objects if each))


def casings(graph: Graph) -> Iterator[Diagnostic]:
    """`mixed-casing` (warning): most names of an interface, or of the messages of a component, are in one casing, and some in another.

    Who writes a client looks up every name, and a name that is guessed wrong is read as absent, without an error. Counted are the
    different names of several words among properties and parameters that are shown together; single words fit every casing. Rows of
    tables and entries of caches are left out, since their engines have customs of their own; headers, too.

        types:
          Order: {type: object, properties: {orderId: {type: string}, placedAt: {type: string}, customer_id: {type: string}}}

    Fix: rename the odd ones, with `x-renamed-from` for protobuf; or, where they are out already, with the next major version.
    """
    seen: set[Span] = set()
    counts = [Counter(filter(None, map(casing, {each.name for each in family.fields}))) for family in _families(graph)]
    everywhere = sum(counts, Counter[str]())
    for family, count in zip(_families(graph), counts, strict=True):
        if len(count) < 2:
            continue
        usual = _usual(count, everywhere)
        share = f"{count[usual]} of the {count.total()} names of several words in {family.name} are in {usual}"
        for together in family.together:
            odd = [each for each in together if casing(each.name) not in (None, usual)]
            if odd and odd[0].at.span not in seen:
                seen.add(odd[0].at.span)
                spelt = ", ".join(f'"{each.name}"' for each in odd)
                message = f"{spelt} {'is' if len(odd) == 1 else 'are'} in {casing(odd[0].name)}; {share}"
                yield Diagnostic("mixed-casing", odd[0].at.span, message, f"one casing for all: {usual}", Severity.WARNING)


def path_styles(graph: Graph) -> Iterator[Diagnostic]:
    """`mixed-path-style` (warning): the words in paths of HTTP operations are mostly joined in one way, and some in another.

    Paths are case-sensitive (RFC 3986, section 6.2.2.1): `/order-lines` and `/orderLines` are two resources, and one of them is not
    found. Counted are the different segments of several words in the whole system; what stands below `/.well-known` is others' choice.

        interfaces:
          orders: {http: {base: /api/order-lines}}
          stock: {http: {base: /api/stockLevels}}

    Fix: one style for all, in the next major version of the interface; most APIs take kebab-case.
    """
    found: dict[tuple[str, str], Span] = {}
    for interface in graph.interfaces:
        base = interface.api.http.base if interface.api.http else ""
        for method in interface.http_methods:
            for segment in interface.path(method).partition("/.")[0].split("/"):
                at = interface.api.http.at["base"] if interface.api.http and segment in base.split("/") else method.operation.at["http"]
                found.setdefault((interface.id, segment), at)
    count = Counter(filter(None, map(casing, {segment for _, segment in found})))
    if len(count) < 2:
        return
    usual = _usual(count, count)
    for (_, segment), at in found.items():
        style = casing(segment)
        if style not in (None, usual):
            share = f"{count[usual]} of the {count.total()} segments of several words in the system are in {usual}"
            message = f'the segment "{segment}" of the path is in {style}; {share}'
            yield Diagnostic("mixed-path-style", at, message, f"such as {names.kebab(segment)}", Severity.WARNING)


VERBS = frozenset(
    {"get", "read", "fetch", "find", "list", "create", "add", "insert", "update", "change", "set", "replace", "delete", "remove"}
)
"""What the methods of HTTP say already (RFC 9110, section 9.3)."""


def verbs(graph: Graph) -> Iterator[Diagnostic]:
    """`verb-in-path` (info): a path says once more what the method says, as in GET /getOrder.

    A path names a thing, and the methods of HTTP say what is done to it; caches, gateways and readers rely on that. Reported is a
    segment that is the name of its operation and begins with a verb that HTTP has a method for.

        operations: {getOrder: {http: "GET /getOrder/{orderId}"}}

    Fix: name the thing: `GET /orders/{orderId}`.
    """
    for interface in graph.interfaces:
        for method in interface.http_methods:
            own = names.words(method.name)
            for segment in interface.path(method).split("/"):
                if own[:1] and own[0] in VERBS and len(own) > 1 and names.words(segment) == own:
                    assert method.operation.http is not None
                    message = f'the segment "{segment}" names what is done, which {method.operation.http.method} says already'
                    help = f"/{names.kebab(segment).partition('-')[2]}"
                    yield Diagnostic("verb-in-path", method.operation.at["http"], message, help, Severity.INFO)


# --- lists ------------------------------------------------------------------------------------------------------------

POSITION = frozenset({"page", "cursor", "token", "offset", "skip", "number", "index"})
AMOUNT = frozenset({"limit", "size", "max", "results", "per"})
ASKED = frozenset({"page", "cursor", "offset", "skip", "limit", "results"})
"""One of these says that the other words are about pages: `pageToken`, and not `token`."""
ABOUT = POSITION | AMOUNT | frozenset({"next", "previous", "prev", "has", "more", "total", "count"})
JSON = re.compile(r"application/([\w.-]+\+)?json\b.*")


@dataclass(frozen=True, slots=True)
class Listing:
    """An operation that reads a list."""

    interface: Interface
    method: Method
    is_bounded: bool
    """By the type of the list, or by what the caller asks for."""
    way: tuple[str, ...]
    """The request's fields that say which page is wanted; none where all come at once."""


@derived
def _listings(graph: Graph) -> tuple[Listing, ...]:
    """Streams come one by one, tables are exports, and the answer to a list of keys is as long as the question: none of these counts."""
    found = []
    for interface in graph.interfaces:
        for method in interface.methods:
            listed = _list(graph, method.response) if method.response is not None and _answers_at_once(method) else None
            asked = dict(_asked(graph, method))
            if listed is None or any(graph.resolve(each).type == "array" for each in asked.values()):
                continue
            pages = [each for each in asked if set(names.words(each)) <= POSITION | AMOUNT and set(names.words(each)) & ASKED]
            way = tuple(sorted(pages)) if any(_is_position(each) for each in pages) else ()
            found.append(Listing(interface, method, listed.max_items is not None or bool(pages), way))
    return tuple(found)


def _answers_at_once(method: Method) -> bool:
    operation = method.operation
    is_json = operation.http is None or JSON.fullmatch(operation.http.returns) is not None
    return method.idempotency == "safe" and operation.stream in ("none", "request") and is_json


def _asked(graph: Graph, method: Method) -> Iterator[tuple[str, Schema]]:
    yield from ((each.name, each.schema) for each in method.parameters)
    if method.request is not None:
        yield from ((each.name, each.schema) for each in graph.resolve(method.request).properties)


def _is_position(name: str) -> bool:
    """`pageSize` says how much is wanted, `page` and `pageToken` from where on."""
    return bool(set(names.words(name)) & POSITION) and not set(names.words(name)) & AMOUNT


def _list(graph: Graph, response: Schema) -> Schema | None:
    """The list that an answer is: as a whole, or as the only property beside what is said of the page."""
    resolved = graph.resolve(response)
    if resolved.type == "object":
        told = [each for each in resolved.properties if not set(names.words(each.name)) <= ABOUT]
        resolved = graph.resolve(told[0].schema) if len(told) == 1 else resolved
    is_list = resolved.type == "array" and resolved.items is not None and not graph.resolve(resolved.items).enum
    return resolved if is_list else None


def unpaged(graph: Graph) -> Iterator[Diagnostic]:
    """`unpaged-list` (warning): an operation answers a whole list, however long it has grown.

    It is quick with the data of a test, and takes memory, time and a timeout with the data of three years; pages cannot be added
    later without breaking callers, who would take the first page for everything. Looked at are safe operations whose answer is a
    list, as a whole or as the only property beside a page token or a total; one is bounded by `paging`, by `maxItems`, or by a
    page, cursor, offset or limit that the caller gives. Streams, exports and answers to a list of keys are left out.

        operations: {listOrders: {http: GET /orders, response: {type: array, items: Order}}}

    Fix: `paging: true`, or `maxItems` where the list cannot grow.
    """
    known = settled(graph)
    listings = _listings(graph)
    bounded = sum(each.is_bounded for each in listings)
    for each in listings:
        if not each.is_bounded and f"{each.method.at.pointer}.paging" not in known:
            others = f"; {bounded} of the {len(listings)} lists of the system have one" if bounded else ""
            message = f'"{each.method.name}" answers a list that has no bound{others}'
            help = "paging: true, or maxItems where it cannot grow"
            yield Diagnostic("unpaged-list", each.method.operation.at["response"], message, help, Severity.WARNING)


def paging(graph: Graph) -> Iterator[Diagnostic]:
    """`unlike-paging` (info): lists of one system are paged in different ways over the same protocol.

    Each way wants code of its own in every client: offsets miss entries while others are added, cursors do not, and a page size has
    another name. Compared are the fields by which a caller asks for a page, whatever their casing; over HTTP and gRPC apart.

        listOrders: {http: GET /orders, paging: true, response: {type: array, items: Order}}
        listItems: {http: GET /items, parameters: {offset: {type: integer}, limit: {type: integer}}, response: {type: array, items: Item}}

    Fix: one way for all; over HTTP `paging: true`.
    """
    listings = [each for each in _listings(graph) if each.way]
    seen: set[int] = set()
    for protocol, group in (
        ("HTTP", [each for each in listings if each.method.is_http]),
        ("gRPC", [each for each in listings if each.method.is_grpc]),
    ):
        count = Counter(_folded(each) for each in group)
        usual = _usual(count, count) if len(count) > 1 else None
        for each in group:
            if usual is not None and _folded(each) != usual and id(each) not in seen:
                seen.add(id(each))
                example = next(other for other in group if _folded(other) == usual)
                ways = f"by {' and '.join(each.way)}, and {count[usual]} of the {len(group)} lists over {protocol} by {' and '.join(example.way)}"
                related = (Related(example.method.at.span, f'as "{example.method.name}"'),)
                help = f"take {' and '.join(example.way)} here, too"
                message = f'"{each.method.name}" is paged {ways}'
                yield Diagnostic("unlike-paging", each.method.at.span, message, help, Severity.INFO, related)


def _folded(listing: Listing) -> tuple[tuple[str, ...], ...]:
    return tuple(names.words(each) for each in listing.way)


# --- errors and types -------------------------------------------------------------------------------------------------


def errors(graph: Graph) -> Iterator[Diagnostic]:
    """`unlike-errors` (warning): an error of one name has different statuses or gRPC codes in two components.

    Callers handle errors by name and by status: what is retried, shown or passed on for one component is not for the other, and a
    library that both share is wrong for one of them. Compared are the errors that operations answer with, the code derived from the
    status where none is given.

        errors: {NotFound: 404}     # of orders
        errors: {NotFound: 410}     # of stock

    Fix: give both the same status and code, or the other error a name of its own; an error of the system is defined once for all.
    """
    found: dict[str, dict[Span, tuple[ErrorType, str]]] = {}
    for interface in graph.interfaces:
        for method in interface.methods:
            for error in method.errors:
                found.setdefault(error.name, {}).setdefault(error.at.span, (error, interface.id))
    for name, places in found.items():
        count = Counter((error.status, error.grpc) for error, _ in places.values())
        if len(count) < 2:
            continue
        usual = _usual(count, count)
        first, where = next(each for each in places.values() if (each[0].status, each[0].grpc) == usual)
        for at, (error, here) in places.items():
            if (error.status, error.grpc) != usual:
                message = f'"{name}" is {error.status} ({error.grpc}) in {here}, and {first.status} ({first.grpc}) in {where}'
                related = (Related(first.at.span, f"{first.status} here"),)
                help = "one status and code for one name, or another name"
                yield Diagnostic("unlike-errors", at, message, help, Severity.WARNING, related)


GONE = (404, 410)


def not_found(graph: Graph) -> Iterator[Diagnostic]:
    """`missing-not-found` (info): an operation reads one thing by its identifier, and does not say what it answers when there is none.

    Callers learn it in production, where they take a 404 for a wrong address and alarm somebody. Looked at are operations that
    answer GET on a path that ends with a parameter; reported is one without an error of status 404 or 410 while others have one.

        getOrder: {http: "GET /orders/{orderId}", response: Order}

    Fix: name the error, `errors: [OrderNotFound]`, and define it: `errors: {OrderNotFound: 404}`.
    """
    known = settled(graph)
    reading = [(each, method) for each in graph.interfaces for method in each.http_methods if _reads_one(graph, each, method)]
    telling = sum(_tells(method) for _, method in reading)
    for interface, method in reading:
        if telling and not _tells(method) and f"{method.at.pointer}.errors" not in known:
            wanted = interface.path(method).rpartition("/")[2]
            others = f"{telling} of the {len(reading)} operations that read one thing do"
            message = f'"{method.name}" does not say what it answers when there is no such {wanted}; {others}'
            help = "errors: with one of status 404"
            yield Diagnostic("missing-not-found", method.operation.at["http"], message, help, Severity.INFO)


def _reads_one(graph: Graph, interface: Interface, method: Method) -> bool:
    assert method.operation.http is not None
    is_answered = method.response is not None and graph.resolve(method.response).type == "object"
    return method.operation.http.method == "GET" and is_answered and interface.path(method).endswith("}")


def _tells(method: Method) -> bool:
    return any(each.status in GONE for each in method.errors)


Sort = tuple[str, str]
"""JSON type, and format or nothing."""


def scalars(graph: Graph) -> Iterator[Diagnostic]:
    """`unlike-parameters` (warning): parameters or properties of one name have different scalar types in interfaces or messages of the system.

    Who takes `customerId` from one answer and gives it to another operation must convert it, or is refused; joins by it find
    nothing. Compared are names of several words, whatever their casing, by JSON type and, where both have one, by format; single
    words as `id` and `status` mean something else in each place. Counted are the places where a name is written.

        getOrder: {parameters: {customerId: {type: string, format: uuid}}}
        listInvoices: {parameters: {customerId: {type: integer}}}

    Fix: define the type once, at the system, and refer to it: `types: {CustomerId: {type: string, format: uuid}}`.
    """
    found: dict[tuple[str, ...], dict[Span, tuple[str, Schema]]] = {}
    for family in _families(graph):
        for each in family.fields:
            resolved = graph.resolve(each.schema)
            if resolved.type not in ("object", "array", None) and len(names.words(each.name)) > 1:
                found.setdefault(names.words(each.name), {}).setdefault(each.at.span, (each.name, resolved))
    for places in found.values():
        yield from _unlike(places)


def _unlike(places: Mapping[Span, tuple[str, Schema]]) -> Iterator[Diagnostic]:
    """One finding for each definition that differs from what most places have."""
    count = Counter(_sort(schema) for _, schema in places.values())
    if len(count) < 2:
        return
    usual = _usual(count, count)
    example = next(at for at, (_, schema) in places.items() if _sort(schema) == usual)
    seen: set[Span] = set()
    for at, (name, schema) in places.items():
        if _is_unlike(_sort(schema), usual) and schema.at.span not in seen:
            seen.add(schema.at.span)
            share = f"{_spelt(usual)} in {count[usual]} of the {len(places)} places that have it"
            message = f'"{name}" is {_spelt(_sort(schema))} here, and {share}'
            related = (Related(example, "as here"),)
            help = f"{_spelt(usual)} here, too, by one type of the system; or another name"
            yield Diagnostic("unlike-parameters", at, message, help, Severity.WARNING, related)


def _sort(schema: Schema) -> Sort:
    return schema.type or "", schema.format or ""


def _is_unlike(one: Sort, other: Sort) -> bool:
    return one[0] != other[0] or (bool(one[1] and other[1]) and one[1] != other[1])


def _spelt(sort: Sort) -> str:
    return a(sort[0]) + (f" ({sort[1]})" if sort[1] else "")


RULES = (casings, path_styles, verbs, unpaged, paging, errors, not_found, scalars)
