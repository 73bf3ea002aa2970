"""Names stay apart and can be spelt in every language that an artifact is written in."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from generator import envelopes, names
from generator.diagnostics import At, Diagnostic, Related, Span
from generator.graph import Graph, queues_of, topics_of
from generator.model import Schema
from generator.review.schemas import with_parts

JAVA_KEYWORDS = frozenset(
    re.findall(
        r"\w+",
        "abstract assert boolean break byte case catch char class const continue default do double else enum extends false final finally float for"
        " goto if implements import instanceof int interface long native new null package private protected public return short static strictfp"
        " super switch synchronized this throw throws transient true try void volatile while",
    )
)
"""Java Language Specification 21, section 3.9, with the three literals."""
PYTHON_KEYWORDS = frozenset(keyword.kwlist)
DEVICES = frozenset({"con", "prn", "aux", "nul", *(f"{device}{number}" for device in ("com", "lpt") for number in range(1, 10))})
"""No file of that name, whatever its ending, can be checked out on Windows."""
SEGMENTS = {"Python": frozenset(each for each in PYTHON_KEYWORDS if each.islower()), "Java": JAVA_KEYWORDS}
Named = tuple[str, Span]


def _apart(what: str, place: str, given: Iterable[Named], fold: Callable[[str], str] = names.snake) -> Iterator[Diagnostic]:
    """A finding for each name that another one in the same place folds into as well."""
    taken: dict[str, Named] = {}
    for name, at in sorted(given, key=lambda each: (each[1], each[0])):
        folded = fold(name) or name
        first, first_at = taken.setdefault(folded, (name, at))
        if first != name:
            related = () if first_at == at else (Related(first_at, f'"{first}"'),)
            message = f'the {what} "{first}" and "{name}" of {place} are one name in generated code, {folded}'
            yield Diagnostic("name-collision", at, message, "rename one of them", related=related)


def properties(_: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`name-collision`: two names are one after case conversion, so that generated code or files would have two of one name.

    Languages spell names in their own case: `orderId` and `order_id` are one field in protobuf, Python, Java and Go.
    This holds for the properties of an object, the values of an enum, and whatever else stands in one place.

        {type: object, properties: {orderId: {type: string}, order_id: {type: string}}}

    Fix: rename one of the two, so that they differ in more than case, dashes and underscores.
    """
    if len(schema.properties) > 1:
        yield from _apart("properties", "this object", [(each.name, each.at.span) for each in schema.properties])
    if len(schema.enum) > 1:
        yield from _apart("values", "this enum", [(each, schema.at["enum"]) for each in schema.enum])


def operations(graph: Graph) -> Iterator[Diagnostic]:
    """`name-collision`: two operations of an interface, or two parameters of an operation, are one name in generated code.

    Each becomes a method, or an argument of one, and no class has two of one name.

        operations: {placeOrder: {…}, place_order: {…}}

    Fix: rename one of the two, so that they differ in more than case, dashes and underscores.
    """
    for interface in graph.interfaces:
        place = f'the interface "{interface.id}"'
        found = list(_apart("operations", place, [(each.name, each.at.span) for each in interface.methods]))
        yield from found
        if not found:
            bound = [(method.grpc_name, method.operation.at["grpc"]) for method in interface.methods if method.grpc_name]
            first: dict[str, Span] = {}
            for name, at in sorted(bound, key=lambda each: each[1]):
                if first.setdefault(name.lower(), at) != at:
                    related = (Related(first[name.lower()], "first used here"),)
                    message = f'two operations of {place} are called "{name}" in gRPC'
                    yield Diagnostic("name-collision", at, message, "rename one of them", related=related)
        for method in interface.methods:
            if len(method.parameters) > 1:
                yield from _apart("parameters", f'"{method.name}"', [(each.name, each.at.span) for each in method.parameters])


def definitions(graph: Graph) -> Iterator[Diagnostic]:
    """`name-collision`: two types, errors or messages that a component or the system defines are one name in generated code.

    Each becomes a class, a protobuf message and a file, and one of the two would overwrite the other.

        types: {OrderLine: {…}, Orderline: {…}}

    Fix: rename one of the two, so that they differ in more than case, dashes and underscores.
    """
    document = graph.system.document
    yield from _apart("types", "the system", [(each.name, each.at.span) for each in document.types], _letters)
    yield from _apart("errors", "the system", [(each.name, each.at.span) for each in document.errors], names.kebab)
    for component in graph.components:
        yield from _apart("types", component.name, [(each.name, each.at.span) for each in component.types], _letters)
        yield from _apart("errors", component.name, [(each.name, each.at.span) for each in component.errors], names.kebab)
        messages = [(each.name, each.at.span) for each in component.publishes]
        yield from _apart("messages", component.name, messages + [(each.name, each.at.span) for each in component.handles])
        commands = {each.name: each.at.span for each in component.handles}
        for name, at in messages:
            if name in commands:
                related = (Related(commands[name], "the command"),)
                message = f'{component.name} has an event and a command called "{name}"'
                yield Diagnostic("name-collision", at, message, "an event says what happened, a command what to do", related=related)


def _letters(name: str) -> str:
    """Class names and file names of types differ in more than case and underscores."""
    return name.replace("_", "").lower()


def artifacts(graph: Graph) -> Iterator[Diagnostic]:
    """`name-collision`: two components or interfaces would be written to one file or module.

    The second would overwrite the first, or be it on a file system that does not tell case apart.

        component: ordering
        provides: {all-orders: {…}, all--orders: {…}}

    Fix: rename one of the two, so that they differ in more than case, dashes and underscores.
    """
    found = list(_apart("components", "the system", [(each.name, each.at["component"]) for each in graph.components]))
    yield from found
    if not found:
        for owner in {each.scope: None for each in graph.interfaces}:
            interfaces = [(each.api.name, each.at.span) for each in graph.interfaces if each.scope == owner]
            yield from _apart("interfaces", owner or "the system", interfaces)


def references(graph: Graph) -> Iterator[Diagnostic]:
    """`name-collision`: in one artifact two types or messages of different owners get one name.

    A type of another component keeps its plain name there, with its owner's before it where that is taken; a third type
    may have just that name.

        component: shop
        types: {Address: {…}, BillingAddress: {…}}
        ---
        component: billing
        types: {Address: {…}}

    Fix: rename one of them, or refer to a single type from both places.
    """
    for place, owner, given in _together(graph):
        chosen = names.schema_names(given, owner)
        holders = {name.lower(): reference for reference, name in chosen.items()}
        for reference, name in chosen.items():
            wanted = names.with_owner(reference)
            if name not in (reference.rpartition(".")[2], wanted):
                first = holders[wanted.lower()]
                related = (Related(given[first], f'"{first}"'),)
                message = f'in the artifacts of "{place}", "{first}" and "{reference}" are both called {wanted}'
                yield Diagnostic("name-collision", given[reference], message, "rename one of them", related=related)


def _together(graph: Graph) -> Iterator[tuple[str, str | None, Mapping[str, Span]]]:
    """Types and messages that one artifact shows: whose it is, whose names come first, and where each is defined."""
    for interface in graph.interfaces:
        yield interface.id, interface.scope, _places(graph, interface.schemas)
    for component in graph.components:
        topics, queues = topics_of(graph, component), queues_of(graph, component)
        carried = [each.event.payload for each in topics]
        carried += [each for queue in queues for each in (queue.command.payload, queue.command.reply) if each is not None]
        yield component.name, component.name, _places(graph, carried)
        sent = [envelopes.event(each) for each in topics]
        sent += [each for queue in queues for each in (envelopes.command(queue), envelopes.reply(queue)) if each is not None]
        yield component.name, component.name, {each.id: each.at.span for each in sent}


def _places(graph: Graph, schemas: Iterable[Schema]) -> dict[str, Span]:
    return {each: graph.types[each].at.span for each in graph.closure(schemas)}


def packages(graph: Graph) -> Iterator[Diagnostic]:
    """`reserved-name`: a name becomes a package or file that a language or system cannot spell.

    protobuf packages are made of the namespace, the component and the interface in snake_case; `shop.import.v1` cannot
    be imported in Java or Python. And no file called `aux` can be checked out on Windows. A longer name cures both.

        component: import
        provides: {orders: {grpc: {}, …}}

    Fix: take a longer name, such as import-service, or say another `grpc: {package: …}`.
    """
    given = list(_segments(graph))
    devices = [("component", each.name, each.at["component"]) for each in graph.components]
    devices += [("interface", each.api.name, each.at.span) for each in graph.interfaces if each.owner is None]
    for what, name, at in given:
        languages = [language for language, words in SEGMENTS.items() if names.snake(name) in words]
        if languages:
            message = f'the {what} "{name}" becomes part of a package, and {" and ".join(languages)} cannot spell it'
            yield Diagnostic("reserved-name", at, message, f"such as {name}-service" if what == "component" else "take a longer name")
    for what, name, at in devices:
        if name in DEVICES:
            message = f'the {what} "{name}" becomes the name of a file, and Windows cannot spell it'
            yield Diagnostic("reserved-name", at, message, "take a longer name")


def _segments(graph: Graph) -> Iterator[tuple[str, str, Span]]:
    """What protobuf packages are made of, where there are any: kind of name, name, place."""
    header = graph.system.header
    owners = {queue.handler.name: queue.handler for queue in graph.queues if queue.command.encoding == "protobuf"}
    owners |= {topic.publisher.name: topic.publisher for topic in graph.topics if topic.event.encoding == "protobuf"}
    has_packages = bool(owners)
    for interface in graph.interfaces:
        grpc = interface.api.grpc
        if grpc is None or not interface.grpc_methods:
            continue
        if grpc.package is not None:
            yield from (("word", each, grpc.at["package"]) for each in grpc.package.split("."))
            continue
        has_packages = True
        yield "interface", interface.api.name, interface.at.span
        owners |= {interface.owner.name: interface.owner} if interface.owner is not None else {}
    yield from (("component", owner.name, owner.at["component"]) for owner in owners.values())
    if has_packages:
        yield (
            "namespace" if header.namespace else "system",
            header.namespace or header.name,
            header.at["namespace" if header.namespace else "name"],
        )
    if header.languages.java:
        yield from (("word", each, header.languages.at["java"]) for each in header.languages.java.split("."))


def definitions_spelt(graph: Graph) -> Iterator[Diagnostic]:
    """`reserved-name`: a type, error, operation or message has a name that a language cannot spell.

    Names of types are classes everywhere, and Python has no class called `None`. Properties and enum values are not
    affected: their wire names stay as they are, whatever a language calls them.

        types: {None: {type: object}}

    Fix: take a longer name, such as NoneValue, with an ASCII letter in it.
    """
    given: list[tuple[str, str, At]] = []
    document = graph.system.document
    for types, errors in ((document.types, document.errors), *((each.types, each.errors) for each in graph.components)):
        given += [("type", each.name, each.at) for each in types] + [("error", each.name, each.at) for each in errors]
    given += [("event", each.event.name, each.event.at) for each in graph.topics]
    given += [("command", each.command.name, each.command.at) for each in graph.queues]
    methods = (each for interface in graph.interfaces for each in interface.grpc_methods)
    given += [("method", each.grpc_name or "", each.operation.at) for each in methods]
    for what, name, at in given:
        if name in PYTHON_KEYWORDS or name in JAVA_KEYWORDS:
            message = f'the {what} "{name}" becomes a name in code, and nothing can be called that there'
            yield Diagnostic("reserved-name", at.span, message, f"such as {name.capitalize()}Value")
        elif not names.words(name):
            yield Diagnostic("reserved-name", at.span, f'the {what} "{name}" has no ASCII letter or digit', "give it a name in words")


def properties_spelt(_: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`reserved-name`: a property cannot be told from a keyword of JSON Schema or JavaScript, or has nothing to make a name from.

    Resolvers take an object with a `$ref` for a reference, wherever it stands; `__proto__` changes an object instead of
    filling it; protobuf takes a name in brackets for an extension; and a name of signs alone leaves no name for a field.

        {type: object, properties: {$ref: {type: string}}}

    Fix: rename the property in ASCII letters and digits; where only the letters are missing, `x-proto-name` gives it a name.
    """
    for each in schema.properties:
        trouble = _property_trouble(each.name, each.schema)
        if trouble:
            yield Diagnostic("reserved-name", each.at.span, f'the property "{_shown(each.name)}" {trouble}', "rename it")


def _property_trouble(name: str, schema: Schema) -> str | None:
    if name in ("$ref", "$id", "$schema", "$defs", "__proto__") or (name[:1] == "[" and name[-1:] == "]"):
        return "cannot be told from what tools mean by that name"
    if not name.isprintable() or len(name) > 200:
        return "is longer than 200 characters" if name.isprintable() else "has characters that cannot be seen"
    if not names.words(name) and schema.proto_name is None:
        return "has no ASCII letter or digit from which other languages could make a name"
    return None


def _shown(name: str) -> str:
    return re.sub(r"\s+", " ", name)[:60]


def unspeakable_values(graph: Graph) -> Iterator[Diagnostic]:
    """`reserved-name`: an enum that travels as protobuf has a value with no letter or digit, so that it cannot get a name.

    Values of a protobuf enum are identifiers, which are made of the texts.

        sign: {type: string, enum: ["+", "-"]}

    Fix: use words for its values, such as `plus` and `minus`, or a plain text with a pattern.
    """
    shown: list[Schema] = []
    for interface in graph.interfaces:
        if interface.grpc_methods:
            shown += interface.schemas
    shown += [topic.event.payload for topic in graph.topics if topic.event.encoding == "protobuf"]
    for queue in graph.queues:
        if queue.command.encoding == "protobuf":
            shown += [schema for schema in (queue.command.payload, queue.command.reply) if schema is not None]
    waiting = [*shown, *(graph.types[each].schema for each in graph.closure(shown))]
    for schema in with_parts(waiting):
        for value in schema.enum:
            if not names.words(value):
                message = f'the enum value "{_shown(value)}" has no ASCII letter or digit from which protobuf could make a name'
                yield Diagnostic("reserved-name", schema.at["enum"], message, "say it in words: plus, minus")


RULES = (operations, definitions, artifacts, references, packages, definitions_spelt, unspeakable_values)
SCHEMA_RULES = (properties, properties_spelt)
