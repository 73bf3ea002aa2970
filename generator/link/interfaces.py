"""Operations with everything that they inherit written out."""

from __future__ import annotations

import dataclasses
import re
from typing import Literal

from generator import names
from generator.diagnostics import Diagnostic, Span
from generator.graph import HTTP_IDEMPOTENCY, Idempotency, Interface, Method
from generator.link.index import Index
from generator.link.schemas import qualified
from generator.model import Api, Component, ErrorType, Operation, Paging, Parameter, Property, Schema, Scheme

PATH_PARAMETER = re.compile(r"\{([^{}/]*)\}")
GRPC_CODES = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 408: "DEADLINE_EXCEEDED", 410: "NOT_FOUND",
    422: "INVALID_ARGUMENT", 429: "RESOURCE_EXHAUSTED", 499: "CANCELLED", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip
"""HTTP status to gRPC code (google/rpc/code.proto); any other 4xx is a failed precondition, any other 5xx internal."""


def interfaces(index: Index) -> tuple[Interface, ...]:
    return tuple(_interface(index, owner, api) for _, (owner, api) in sorted(index.apis.items()))


def _interface(index: Index, owner: Component | None, api: Api) -> Interface:
    header = index.system.header
    namespace = header.namespace or header.name
    if owner is not None:
        providers: tuple[Component, ...] = (owner,)
    else:
        providers = tuple(each for each in index.components.values() if api.name in (*each.implements, *index.defaults.implements))
    grpc = api.grpc
    return Interface(
        api=api,
        owner=owner,
        providers=providers,
        methods=tuple(_method(index, owner, api, operation) for operation in api.operations),
        team=(owner.owner if owner else None) or header.owner,
        package=(grpc.package if grpc else None) or names.package(namespace, owner.name if owner else None, api.name, api.version),
        service=(grpc.service if grpc else None) or f"{names.pascal(api.name)}Service",
    )


def _method(index: Index, owner: Component | None, api: Api, operation: Operation) -> Method:
    scope = owner.name if owner else None
    request = qualified(index, operation.request, scope) if operation.request else None
    response = qualified(index, operation.response, scope) if operation.response else None
    parameters = _parameters(index, api, operation, scope, request, response)
    if operation.paging is not None:
        response, parameters = _paged(index, operation, operation.paging, response, parameters)
    scheme = _scheme(
        index, operation.auth if operation.auth is not None else api.auth, operation.at["auth"] if operation.auth else api.at["auth"]
    )
    if operation.scopes and scheme:
        known = [each.name for each in scheme.scopes]
        index.listed(operation.scopes, known, operation.at["scopes"], "unknown-scope", f'the authentication scheme "{scheme.name}"')
    if operation.roles and scheme and scheme.roles:
        known = [each.name for each in scheme.roles]
        index.listed(operation.roles, known, operation.at["roles"], "unknown-role", f'the authentication scheme "{scheme.name}"')
    return Method(
        operation=operation,
        parameters=parameters,
        request=request,
        response=response,
        errors=_errors(index, operation, owner),
        idempotency=operation.idempotency or _idempotency(operation),
        scheme=scheme,
        grpc_name=_grpc_name(api, operation),
    )


def _scheme(index: Index, name: str | None, at: Span) -> Scheme | None:
    if name is None or name == "none":
        return None
    if name not in index.schemes:
        index.unknown("unknown-authentication", at, f'no authentication scheme is called "{name}"', name, index.schemes)
    return index.schemes.get(name)


def _errors(index: Index, operation: Operation, owner: Component | None) -> tuple[ErrorType, ...]:
    known = {each.name: each for each in index.system.document.errors}
    known |= {each.name: each for each in (owner.errors if owner else ())}
    what = f'neither "{owner.name}" nor the system' if owner else "the system"
    wanted = []
    for name in operation.errors:
        if name in known:
            error = known[name]
            wanted.append(error if error.grpc else dataclasses.replace(error, grpc=_grpc_code(error.status)))  # type: ignore[arg-type]  # a table of the same words
        else:
            index.unknown("unknown-error", operation.at["errors"], f'{what} defines the error "{name}"', name, known)
    return tuple(wanted)


def _parameters(
    index: Index, api: Api, operation: Operation, scope: str | None, request: Schema | None, response: Schema | None
) -> tuple[Parameter, ...]:
    """All parameters of an operation, those of its path inferred from shared ones or from the types it shows."""
    template = _template(api, operation)
    own = {each.name: dataclasses.replace(each, schema=qualified(index, each.schema, scope)) for each in operation.parameters}
    for each in own.values():
        if each.where == "path" and each.name not in template:
            message = f'the path of "{operation.name}" has no {{{each.name}}}'
            index.unknown("path-parameter-mismatch", each.at.span, message, each.name, template)
    shared = {each.name: dataclasses.replace(each, schema=qualified(index, each.schema, scope)) for each in api.parameters}
    for name in template:
        if name and name not in own:  # review says what is wrong with a path that has {}
            own[name] = shared.get(name) or _inferred(index, name, operation, (response, request))
    decided = (
        dataclasses.replace(each, where=_where(each, template), required=each.required or each.name in template) for each in own.values()
    )
    return tuple(sorted(decided, key=lambda each: each.name))


def _inferred(index: Index, name: str, operation: Operation, shown: tuple[Schema | None, ...]) -> Parameter:
    """A path parameter that nothing declares has the type of the property of that name."""
    for schema in shown:
        resolved = index.resolved(schema) if schema else None
        for each in resolved.properties if resolved else ():
            if each.name == name:
                plain = dataclasses.replace(each.schema, read_only=False, write_only=False)
                return Parameter(name=name, schema=plain, at=operation.at)
    at = operation.http.at.span if operation.http else operation.at.span
    message = f'nothing says what {{{name}}} in the path of "{operation.name}" is'
    help = f"declare it: parameters: {{{name}: {{type: string}}}}, or check its spelling"
    index.found.append(Diagnostic("undeclared-path-parameter", at, message, help))
    return Parameter(name=name, schema=Schema(type="string"), at=operation.at)


def _paged(
    index: Index, operation: Operation, paging: Paging, response: Schema | None, parameters: tuple[Parameter, ...]
) -> tuple[Schema | None, tuple[Parameter, ...]]:
    if response is None or index.resolved(response).type != "array":
        at = operation.at["response"] if response else operation.at["paging"]
        help = "response: {type: array, items: {$ref: Order}}"
        index.found.append(Diagnostic("paging-without-list", at, f'"{operation.name}" is paged, and its response is not a list', help))
        return response, parameters
    items = dataclasses.replace(index.resolved(response), max_items=paging.limit)
    cursor = Schema(type="string", description="Opaque position; absent on the last page.", at=operation.at)
    page = Schema(
        type="object",
        properties=(Property(name=names.ITEMS, schema=items), Property(name=names.NEXT_CURSOR, schema=cursor)),
        required=(names.ITEMS,),
        at=operation.at,
    )
    limit = Schema(type="integer", format="int32", minimum=1, maximum=paging.limit, description="Most items on the page.", at=operation.at)
    start = Schema(type="string", description="Where to go on: nextCursor of the page before.", at=operation.at)
    own = {each.name: each for each in parameters}
    own.setdefault(names.CURSOR, Parameter(name=names.CURSOR, schema=start, where="query", at=operation.at))
    own.setdefault(names.LIMIT, Parameter(name=names.LIMIT, schema=limit, where="query", at=operation.at))
    return page, tuple(own[name] for name in sorted(own))


def _template(api: Api, operation: Operation) -> list[str]:
    """The parameters that the operation's whole path names."""
    if operation.http is None:
        return []
    return PATH_PARAMETER.findall((api.http.base if api.http else "") + operation.http.path)


def _where(parameter: Parameter, template: list[str]) -> Literal["path", "query", "header"]:
    return parameter.where or ("path" if parameter.name in template else "query")


def _idempotency(operation: Operation) -> Idempotency:
    return HTTP_IDEMPOTENCY.get(operation.http.method, "none") if operation.http else "none"


def _grpc_name(api: Api, operation: Operation) -> str | None:
    if api.grpc is None or operation.grpc is False:
        return None
    return operation.grpc if isinstance(operation.grpc, str) else names.pascal(operation.name)


def _grpc_code(status: int) -> str:
    return GRPC_CODES.get(status) or ("FAILED_PRECONDITION" if status < 500 else "INTERNAL")
