"""Interfaces can be called as they are written: bindings, paths, parameters and bodies that HTTP and gRPC can carry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from generator import names
from generator.diagnostics import At, Diagnostic, Related, Severity, Span
from generator.graph import Graph, Interface, Method
from generator.model import HEADER, Operation, Parameter, Schema
from generator.review.schemas import a, is_lost, kind

BRACES = re.compile(r"\{([^{}/]*)\}")
SEGMENT = re.compile(r"[A-Za-z0-9._~!$&'()*+,;=:@%{}-]*", re.ASCII)
IGNORED_HEADERS = frozenset({"accept", "content-type", "authorization"})
"""OpenAPI 3.1, section 4.8.12.1: a parameter of that name is ignored."""
JSON_MEDIA = re.compile(r"application/([A-Za-z0-9.-]+\+)?json")
STREAMS = frozenset({"text/event-stream", "application/x-ndjson", "application/jsonl", "application/json-seq"})
TABLES = frozenset({"text/csv", "text/tab-separated-values"})
FORM = "application/x-www-form-urlencoded"


def bindings(graph: Graph) -> Iterator[Diagnostic]:
    """`unbound-operation`, `unbound-interface`, `interface-without-operations`: nobody can call it, because nothing says over what.

    Such an interface has no place in OpenAPI or protobuf, so no client, route or policy is made for it.

        provides: {orders: {version: "1.0.0", operations: {getOrder: {response: Order}}}}

    Fix: give the interface `http: {base: /orders}` or `grpc: {}`, an operation over HTTP `http: GET /{orderId}`, and an interface at
    least one operation; delete what nobody is to call.
    """
    for interface in graph.interfaces:
        api = interface.api
        if not api.operations and not graph.system.lost:
            yield Diagnostic(
                "interface-without-operations",
                api.at["operations"],
                f'the interface "{api.name}" has no operation',
                "add one, or delete it",
            )
        elif api.http is None and api.grpc is None:
            if not {"http", "grpc"} & api.at.keys.keys():
                help = "add http: {base: /…}, or grpc: {}"
                yield Diagnostic("unbound-interface", api.at.span, f'"{api.name}" is offered over no protocol', help)
            continue
        for method in interface.methods:
            yield from _binding(interface, method)


def _binding(interface: Interface, method: Method) -> Iterator[Diagnostic]:
    api, operation = interface.api, method.operation
    if operation.http is not None and api.http is None and "http" not in api.at.keys:
        message = f'"{operation.name}" is bound to HTTP, over which "{api.name}" is not offered'
        yield Diagnostic("unbound-operation", operation.at["http"], message, "give the interface http: {base: /…}")
    if operation.grpc and api.grpc is None and "grpc" not in api.at.keys:
        message = f'"{operation.name}" is bound to gRPC, over which "{api.name}" is not offered'
        yield Diagnostic("unbound-operation", operation.at["grpc"], message, "give the interface grpc: {}")
    elif not method.is_http and not method.is_grpc and "http" not in operation.at.keys:
        help = "http: GET /…, or leave grpc: false out" if api.grpc else "http: GET /…"
        yield Diagnostic("unbound-operation", operation.at.span, f'"{operation.name}" can be called over no protocol', help)


def routes(graph: Graph) -> Iterator[Diagnostic]:
    """`duplicate-route`: two operations answer to one method and path of one component, or of all that is public.

    Paths that differ only in the names of parameters are one path to every router: one of the two is never reached.

        getOrder: {http: "GET /{orderId}"}
        findOrder: {http: "GET /{number}"}

    Fix: give one of them a path of its own, such as `GET /by-number/{number}`, or make it a parameter of the query.
    """
    taken: dict[tuple[str, str, str], Method] = {}
    bound = [(interface, method) for interface in graph.interfaces for method in interface.http_methods]
    for interface, method in sorted(bound, key=lambda each: each[1].at.span):
        assert method.operation.http is not None
        hosts = [component.name for component in interface.providers] or [f"({interface.id})"]
        hosts += ["(public)"] if interface.api.visibility == "public" else []
        route = method.operation.http.method, BRACES.sub("{}", interface.path(method))
        clashes = [taken.setdefault((host, *route), method) for host in hosts]
        other = next((each for each in clashes if each is not method), None)
        if other is not None:
            related = (Related(other.operation.at["http"], f'"{other.name}" answers to it already'),)
            message = f'"{method.name}" is a second operation on {route[0]} {interface.path(method)}'
            yield Diagnostic("duplicate-route", method.operation.at["http"], message, "give it a path of its own", related=related)


def paths(_: Graph, interface: Interface, method: Method) -> Iterator[Diagnostic]:
    """`malformed-path`: a path has empty or dot segments, braces that do not pair, a parameter twice, or characters that must be escaped.

    Proxies clean such paths up, each in its own way, so that the route that is asked for is not the one that is looked for.

        getLine: {http: "GET /orders//{id}/lines/{id}"}

    Fix: write segments with single slashes between them, each parameter once in its own braces, and list what follows a `?` under
    `parameters`.
    """
    binding = method.operation.http
    if binding is None:
        return
    path, base = binding.path, interface.api.http.base if interface.api.http else ""
    named = BRACES.findall(base + path)
    segments = path.removeprefix("/").split("/")
    if not path.startswith("/"):
        trouble = "does not start with a slash"
    elif path != "/" and "" in segments:
        trouble = "has an empty segment"
    elif {".", ".."} & set(segments):
        trouble = "has a segment of dots"
    elif re.search(r"[{}]", BRACES.sub("", path)) or "" in named:
        trouble = "has braces that name no parameter"
    elif "}{" in path:
        trouble = "has two parameters with nothing between them"
    elif len(set(named)) < len(named):
        trouble = "names a parameter twice"
    elif not all(SEGMENT.fullmatch(each) for each in segments):
        trouble = "has a character that a path cannot hold; parameters of the query are listed under parameters"
    else:
        return
    yield Diagnostic("malformed-path", binding.at["path"], f'the path "{path}" {trouble}', "such as /orders/{orderId}/lines")


def bodies(_: Graph, __: Interface, method: Method) -> Iterator[Diagnostic]:
    """`body-not-allowed`: a body where HTTP gives none a meaning (RFC 9110, sections 9.3 and 15.3).

    GET, HEAD and DELETE have no request body that proxies must pass on; a HEAD, 204 or 205 answer has none at all.

        findOrders: {http: GET /, request: {$ref: Criteria}}

    Fix: declare parameters of the query, or use POST; leave the response out, or answer with 200.
    """
    operation, binding = method.operation, method.operation.http
    if binding is None:
        return
    if binding.method in ("GET", "HEAD", "DELETE") and operation.request is not None:
        help = "declare parameters, or use POST"
        yield Diagnostic("body-not-allowed", operation.at["request"], f"a {binding.method} request has no body", help)
    if operation.response is not None and (binding.method == "HEAD" or binding.status in (204, 205)):
        what = "HEAD" if binding.method == "HEAD" else f"a request with {binding.status}"
        help = "leave the response out" if what == "HEAD" else "leave the response out, or answer with 200"
        yield Diagnostic("body-not-allowed", operation.at["response"], f"an answer to {what} has no body", help)


def media(graph: Graph, _: Interface, method: Method) -> Iterator[Diagnostic]:
    """`media-type-mismatch`: a body is described as one thing and sent as another.

    Only JSON and its streams carry any type; a form carries an object, a table a list; everything else is text or bytes.

        getLabel: {http: {method: GET, path: /label, returns: application/pdf}, response: {$ref: Label}}

    Fix: describe text as `{type: string}` and bytes with `contentEncoding: base64` besides, a form as an object, a table as a list; or
    send JSON.
    """
    binding = method.operation.http
    if binding is None:
        return
    for key, media_type, schema in (("accepts", binding.accepts, method.request), ("returns", binding.returns, method.response)):
        plain = media_type.partition(";")[0].strip().lower()
        found = kind(graph, schema) if schema is not None else ""
        if not found or JSON_MEDIA.fullmatch(plain) or plain in STREAMS:
            continue
        is_form = plain == FORM or plain.startswith("multipart/")
        if is_form and found != "object":
            yield Diagnostic(
                "media-type-mismatch",
                binding.at[key],
                f'"{media_type}" carries an object, and this is {a(found)}',
                "make it an object, a property for each field",
            )
        elif not is_form and found != "string" and not (found == "array" and plain in TABLES):
            help = "{type: string}, with contentEncoding: base64 for bytes"
            yield Diagnostic(
                "media-type-mismatch", binding.at[key], f'"{media_type}" carries a text or bytes, and this is {a(found)}', help
            )


def parameters(graph: Graph, _: Interface, method: Method) -> Iterator[Diagnostic]:
    """`unsuitable-parameter`, `path-parameter-mismatch`: a parameter cannot travel where it is said to.

    A path or header holds one text; a query holds one, or a list of them. A path parameter is always there.

        parameters: {filter: {in: query, type: object}}

    Fix: give each part of an object a parameter of its own, or send it in a body; leave `in` and `required: false` out for what stands
    in the path.
    """
    template = set(BRACES.findall(method.operation.http.path)) if method.operation.http else set()
    for given in method.operation.parameters:
        if given.name in template and given.where in ("query", "header"):
            message = f'"{given.name}" stands in the path, and is declared in the {given.where}'
            yield Diagnostic("path-parameter-mismatch", given.at["in"], message, "leave in: out, or take it out of the path")
        if given.name in template and given.required is False and "required" in given.at.keys:
            message = f'"{given.name}" stands in the path, and cannot be optional'
            yield Diagnostic(
                "path-parameter-mismatch", given.at["required"], message, "leave required out, or make it a parameter of the query"
            )
    for parameter in method.parameters:
        if not is_lost(parameter.schema) and not _fits(graph, parameter):
            what = "one text or number, or a list of them" if parameter.where == "query" else "one text or number"
            message = f'"{parameter.name}" is {a(kind(graph, parameter.schema))}, and the {parameter.where} holds {what}'
            yield Diagnostic(
                "unsuitable-parameter", parameter.at.span, message, "give each part a parameter of its own, or send it in a body"
            )


def _fits(graph: Graph, parameter: Parameter) -> bool:
    schema = graph.resolve(parameter.schema)
    if parameter.where == "query" and schema.type == "array" and schema.items is not None:
        schema = graph.resolve(schema.items)
    return schema.type in ("string", "integer", "number", "boolean", None) and not schema.one_of


def headers(_: Graph, __: Interface, method: Method) -> Iterator[Diagnostic]:
    """`malformed-header`, `reserved-header`: a header parameter has a name that HTTP does not allow, or that has its own key here.

    OpenAPI ignores parameters called Accept, Content-Type and Authorization: they come from media types and authentication.

        parameters: {Authorization: {in: header, type: string}}

    Fix: name it in letters, digits and dashes; say `auth` and a scheme for Authorization, `http: {accepts: …, returns: …}` for the others.
    """
    for parameter in method.parameters:
        if parameter.where != "header":
            continue
        folded = parameter.name.lower()
        if not re.fullmatch(HEADER.regex, parameter.name):
            yield Diagnostic("malformed-header", parameter.at.span, f'"{parameter.name}" is no header name', f"such as {HEADER.example}")
        elif folded in IGNORED_HEADERS:
            help = "say auth: and a scheme" if folded == "authorization" else "say http: {accepts: …, returns: …}"
            yield Diagnostic("reserved-header", parameter.at.span, f'"{parameter.name}" is not declared as a parameter', help)


def collisions(graph: Graph, _: Interface, method: Method) -> Iterator[Diagnostic]:
    """`parameter-collision`: a parameter and a property of the request have one name and are not the same.

    In gRPC both are fields of one request message. The same name with the same type is one field, as in
    PUT /orders/{orderId} with an order; anything else would need two fields of one name.

        types: {Order: {type: object, properties: {orderId: {type: string}}}}
        operations: {replaceOrder: {http: "PUT /{orderId}", parameters: {orderId: {type: integer}}, request: Order}}

    Fix: rename one of them, or spell both alike and give both one type.
    """
    request = graph.resolve(method.request) if method.request is not None else None
    if request is None or request.type != "object":
        return
    held = {names.snake(each.name): each for each in request.properties}
    for parameter in method.parameters:
        other = held.get(names.snake(parameter.name))
        if other is None or (other.name == parameter.name and _sort(graph, parameter.schema) == _sort(graph, other.schema)):
            continue
        related = (Related(other.at.span, "the property"),)
        what = "of another type" if other.name == parameter.name else f'called "{other.name}", which gRPC cannot tell from it'
        message = f'the request of "{method.name}" has the parameter "{parameter.name}" and a property {what}'
        yield Diagnostic("parameter-collision", parameter.at.span, message, "rename one of them, or give both one type", related=related)


def _sort(graph: Graph, schema: Schema) -> tuple[Any, ...]:
    """What decides a field's type on the wire."""
    resolved = graph.resolve(schema)
    items = _sort(graph, resolved.items) if resolved.items is not None else ()
    return resolved.type, resolved.format, resolved.encoding, frozenset(resolved.enum), items


def protocols(_: Graph, __: Interface, method: Method) -> Iterator[Diagnostic]:
    """`stream-without-grpc`, `key-without-http` (warning): an operation streams where nothing can, or takes an Idempotency-Key where
    there are no HTTP headers.

    Over HTTP only an event stream or a list of JSON lines is a stream. And a key that cannot be sent protects nobody from a second order.

        watchOrders: {http: GET /watch, stream: response}

    Fix: offer the stream over gRPC, or return `text/event-stream`; put the key into the request, and say `idempotency: idempotent`.
    """
    operation = method.operation
    if operation.stream != "none" and not method.is_grpc and not _streams_over_http(operation):
        help = "offer it over gRPC, or return text/event-stream over HTTP"
        yield Diagnostic("stream-without-grpc", operation.at["stream"], f'"{operation.name}" streams, and is not offered over gRPC', help)
    if operation.idempotency == "key" and not method.is_http:
        message = f'"{operation.name}" takes an Idempotency-Key, which is an HTTP header, and is not offered over HTTP'
        help = "put a key into the request, and say idempotency: idempotent"
        yield Diagnostic("key-without-http", operation.at["idempotency"], message, help, Severity.WARNING)


def _streams_over_http(operation: Operation) -> bool:
    """Whether the media types of what streams are those of streams."""
    if operation.http is None:
        return False
    media_types = {
        "request": (operation.http.accepts,),
        "response": (operation.http.returns,),
        "both": (operation.http.accepts, operation.http.returns),
    }
    return all(each.partition(";")[0].strip().lower() in STREAMS for each in media_types[operation.stream])


def permissions(_: Graph, interface: Interface, method: Method) -> Iterator[Diagnostic]:
    """`scopes-without-auth`: scopes or roles are asked for, and nobody says who the caller is.

    No token is asked for, so nothing can be looked up in one: what looks protected is open to everybody.

        getOrder: {http: "GET /{id}", scopes: [orders:read]}

    Fix: say `auth` and one of the system's schemes at the operation or its interface; or take the scopes and roles out.
    """
    operation = method.operation
    name = operation.auth if operation.auth is not None else interface.api.auth
    if method.scheme is not None or name not in (None, "none"):
        return
    for key, wanted in (("scopes", operation.scopes), ("roles", operation.roles)):
        if wanted:
            message = f'"{operation.name}" asks for {key}, and takes calls without authentication'
            yield Diagnostic("scopes-without-auth", operation.at[key], message, "say auth: and a scheme, at the operation or the interface")


def sunsets(graph: Graph) -> Iterator[Diagnostic]:
    """`sunset-without-deprecated` (warning): it has a last day, and is not marked as deprecated, so nobody is told.

    Generated clients and documents warn of what is deprecated; of a date alone consumers hear when calls begin to fail.

        getOrder: {http: "GET /{id}", sunset: 2026-12-31}

    Fix: add `deprecated: true`.
    """
    ending: list[tuple[str, At, str | None, bool]] = []
    for interface in graph.interfaces:
        api = interface.api
        ending.append((api.name, api.at, api.sunset, api.deprecated))
        ending += [(each.name, each.at, each.sunset, each.deprecated or api.deprecated) for each in api.operations]
    ending += [(each.event.name, each.event.at, each.event.sunset, each.event.deprecated) for each in graph.topics]
    for name, at, sunset, is_deprecated in ending:
        if sunset is not None and not is_deprecated:
            message = f'"{name}" ends on {sunset}, and is not deprecated'
            yield Diagnostic("sunset-without-deprecated", at["sunset"], message, "add deprecated: true", Severity.WARNING)


def versions(graph: Graph) -> Iterator[Diagnostic]:
    """`version-mismatch` (warning): the path or package says another major version than the interface.

    Consumers choose by the path or package: two majors under one name are mixed up, and a break goes by unseen.

        orders: {version: "1.0.0", http: {base: /api/v2/orders}}

    Fix: change the version, the base or the package, so that all say one major version; or leave it out of the path.
    """
    for interface in graph.interfaces:
        api = interface.api
        stated: list[tuple[str, str, Span]] = []
        if api.http is not None:
            stated += [(each, f'the base "{api.http.base}"', api.http.at["base"]) for each in api.http.base.split("/")]
        if api.grpc is not None and api.grpc.package is not None:
            stated += [(each, f'the package "{api.grpc.package}"', api.grpc.at["package"]) for each in api.grpc.package.split(".")]
        for part, where, at in stated:
            number = re.fullmatch(r"v([1-9][0-9]{0,5})", part)
            if number and int(number[1]) != max(1, api.version.major):
                message = f'{where} says {part}, and "{api.name}" is version {api.version}'
                yield Diagnostic("version-mismatch", at, message, "change one of them", Severity.WARNING)


RULES = (bindings, routes, sunsets, versions)
METHOD_RULES = (paths, bodies, media, parameters, headers, collisions, protocols, permissions)
