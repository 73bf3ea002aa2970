"""What no protobuf file can say: two files of one package, two fields of one name, a name that would change its owner."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from generator.diagnostics import At, Diagnostic, Related
from generator.graph import Graph
from generator.protobuf import Enum, Field, File, Message, declared
from generator.protobuf.spelling import Lock, is_in_use


def faults(graph: Graph, files: Sequence[File], lock: Lock) -> Iterator[Diagnostic]:
    yield from _packages(files)
    for file in files:
        yield from _methods(file)
        for each in declared(file.types):
            if isinstance(each, Message):
                yield from _fields(each)
        yield from _taken_types(graph, file)
        yield from _changed_names(graph, file, lock)


def _packages(files: Sequence[File]) -> Iterator[Diagnostic]:
    """`duplicate-package`: two interfaces or messages have one protobuf package.

    Each file shows all types that it needs, so that it can be taken alone; two in one package would define them twice.

        provides: {orders: {grpc: {package: shop.v1}, …}, returns: {grpc: {package: shop.v1}, …}}
    """
    first: dict[str, File] = {}
    for file in files:
        other = first.setdefault(file.package, file)
        if other is not file:
            message = f'"{_what(other)}" and "{_what(file)}" have one protobuf package, {file.package}'
            related = (Related(_place(other).span, f'of "{_what(other)}"'),)
            yield Diagnostic("duplicate-package", _place(file).span, message, "say another in grpc: {package: …}", related=related)


def _what(file: File) -> str:
    return file.about.partition(",")[0]


def _place(file: File) -> At:
    return file.sources[0]


def _methods(file: File) -> Iterator[Diagnostic]:
    """`name-collision`, among the methods of a service: their requests and answers are called after them.

    findOrder: {grpc: find_order}, searchOrder: {grpc: FindOrder}
    """
    first: dict[str, At] = {}
    for each in file.rpcs:
        at = first.setdefault(each.request.lower(), each.method.at)
        if at is not each.method.at:
            message = f"two methods of {file.package}.{file.service} have the request {each.request[1:]}"
            related = (Related(at["grpc"], "the other method"),)
            yield Diagnostic(
                "name-collision", each.method.at["grpc"], message, "call one of them otherwise: grpc: and a name", related=related
            )


def _fields(message: Message) -> Iterator[Diagnostic]:
    """`name-collision`, among the fields of a message whose names the contract says.

    id: {type: string, x-proto-name: order_id}, key: {type: string, x-proto-name: orderId}
    """
    first: dict[str, Field] = {}
    for field in message.all_fields:
        other = first.setdefault(field.name.replace("_", "").lower(), field)
        if other is not field:
            related = (Related(other.schema.at["x-proto-name"], f'"{other.name}"'),)
            text = f'"{other.wire}" and "{field.wire}" of {message.full[1:]} have one name in protobuf'
            help = "underscores and case do not tell fields apart: their names in JSON would be one"
            yield Diagnostic("name-collision", field.schema.at["x-proto-name"], text, help, related=related)


def _taken_types(graph: Graph, file: File) -> Iterator[Diagnostic]:
    """`name-collision`, among types: the name that the contract says for one is another's, or a request's.

    types: {Order: {type: object, x-proto-name: PlaceOrderRequest, …}}
    """
    taken = {full.lower() for each in file.rpcs for full in (each.request, each.response)} | {f".{file.package}.{file.service}".lower()}
    taken |= {file.types[0].full.lower()} if file.message else set()
    for reference, full in file.named.items():
        if full.lower() in taken:
            message = f'the type "{reference}" would be called {full[1:]} as another is, which protobuf cannot tell apart'
            yield Diagnostic("name-collision", graph.types[reference].schema.at["x-proto-name"], message, "say another x-proto-name")
        taken.add(full.lower())


def _changed_names(graph: Graph, file: File, lock: Lock) -> Iterator[Diagnostic]:
    """`name-collision`, among types: two want one name that has numbers already, and nothing says whose they are.

    A message's numbers belong to its name. If the name went from one type to another, old and new programs would read
    each other's fields wrongly; so the contract says who has had it.

        types: {Address: {type: object, x-proto-name: Address, …}}     # customer-service has an Address, too
    """
    if not file.displaced:
        return
    claimed = {each.schema.proto_name for each in graph.types.values()}
    numbered = {each.full for each in file.types if (each.values if isinstance(each, Enum) else each.all_fields)}
    for reference, alone in file.displaced.items():
        now = file.named[reference]
        is_new = now in numbered and not is_in_use(lock, now[1:])
        if is_new and is_in_use(lock, alone[1:]) and alone.rpartition(".")[2] not in claimed:
            message = (
                f'two messages would be called {alone[1:]}, one of them "{reference}", and proto.lock does not say whose numbers it has'
            )
            help = (
                f"say x-proto-name: {alone.rpartition('.')[2]} at the type that has had the name until now, or another name at the new one"
            )
            yield Diagnostic("name-collision", graph.types[reference].at.span, message, help)
