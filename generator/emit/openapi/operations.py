"""The operations of an interface as OpenAPI paths: parameters, bodies, answers, security."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from generator import names
from generator.emit.openapi.bodies import content, has_body
from generator.emit.openapi.components import Components
from generator.emit.openapi.problems import problems
from generator.graph import Interface, Method
from generator.model import HttpBinding, Operation, Parameter
from generator.text import one_line
from generator.units import Duration

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
PLACES = ("path", "query", "header")
UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
SUNSET: dict[str, Any] = {
    "description": "When the operation goes away, as an HTTP date (RFC 8594).",
    "schema": {"type": "string", "examples": ["Thu, 31 Dec 2026 23:59:59 GMT"]},
}


def paths(interface: Interface, components: Components) -> dict[str, Any]:
    """Path items by path, the methods of each in the order of HTTP."""
    found: dict[str, dict[str, Any]] = {}
    for method in sorted(interface.http_methods, key=lambda each: METHODS.index(_binding(each).method)):
        found.setdefault(interface.path(method), {})[_binding(method).method.lower()] = _operation(interface, method, components)
    return dict(sorted(found.items()))


def _binding(method: Method) -> HttpBinding:
    assert method.operation.http is not None
    return method.operation.http


def _operation(interface: Interface, method: Method, components: Components) -> dict[str, Any]:
    operation, binding = method.operation, _binding(method)
    data: dict[str, Any] = {"operationId": operation.name, "tags": [interface.api.name], "summary": _summary(operation)}
    if operation.description:
        data["description"] = operation.description
    if operation.deprecated or interface.api.deprecated:
        data["deprecated"] = True
    if sunset := operation.sunset or interface.api.sunset:
        data["x-sunset"] = sunset
    data["security"] = [components.security(method.scheme, operation.scopes)] if method.scheme else []
    if operation.roles:
        data["x-roles"] = list(operation.roles)
    if operation.audit:
        data["x-audit"] = True
    if parameters := _parameters(interface, method, components):
        data["parameters"] = parameters
    if has_body(method.request, binding.accepts):
        body = content(components, method.request, binding.accepts, f"{names.pascal(operation.name)}Request", "read_only")
        data["requestBody"] = {"required": True, "content": body}
    data["responses"] = _answer(interface, method, components) | problems(method, components)
    return data


def _summary(operation: Operation) -> str:
    return one_line(operation.summary or "") or " ".join(names.words(operation.name)).capitalize()


def _parameters(interface: Interface, method: Method, components: Components) -> list[dict[str, Any]]:
    """In the order of the path, then of the query, then headers; those always there first."""
    path = interface.path(method)

    def order(parameter: Parameter) -> tuple[int, int, bool, str]:
        return PLACES.index(parameter.where or "query"), path.find(f"{{{parameter.name}}}"), not parameter.required, parameter.name

    found = [_parameter(interface, method, each, components) for each in sorted(method.parameters, key=order)]
    is_own = any(each.name.lower() == names.IDEMPOTENCY_KEY_HEADER.lower() for each in method.parameters)
    return found + ([_idempotency_key(components)] if method.idempotency == "key" and not is_own else [])


def _parameter(interface: Interface, method: Method, parameter: Parameter, components: Components) -> dict[str, Any]:
    schema = components.schema(parameter.schema)
    data: dict[str, Any] = {"name": parameter.name, "in": parameter.where}
    if "description" in schema:
        data["description"] = schema.pop("description")
    if parameter.required:
        data["required"] = True
    if schema.pop("deprecated", False):
        data["deprecated"] = True
    data["schema"] = schema
    if examples := components.examples(parameter.schema):
        data["examples"] = examples
    return components.put("parameters", data, names.pascal(parameter.name)) if _is_shared(interface, method, parameter) else data


def _is_shared(interface: Interface, method: Method, parameter: Parameter) -> bool:
    """Stated once for the interface, or the cursor, which is the same on every page; decided without a look at other operations."""
    if any(each.name == parameter.name for each in method.operation.parameters):
        return False
    if any(each.name == parameter.name for each in interface.api.parameters):
        return True
    return method.operation.paging is not None and parameter.name == names.CURSOR


def _idempotency_key(components: Components) -> dict[str, Any]:
    defaults = components.graph.system.document.defaults
    kept = defaults.idempotency_key_ttl if defaults else None
    sentences = ["Chosen by the caller, best as a UUID. A request that is sent again with the same key is not carried out again."]
    sentences += [f"The key is remembered for {_spoken(kept)}."] if kept else []
    data = {
        "name": names.IDEMPOTENCY_KEY_HEADER,
        "in": "header",
        "description": " ".join(sentences),
        "required": True,
        "schema": {"type": "string", "minLength": 1, "maxLength": 255, "examples": ["8e03978e-40d5-43dd-bc93-6894a57f9324"]},
    }
    return components.put("parameters", data, "IdempotencyKey")


def _spoken(duration: Duration) -> str:
    """`24 hours`: the unit as a word."""
    number = str(duration).rstrip("msdh")
    unit = UNITS[str(duration).removeprefix(number)]
    return f"{number} {unit.removesuffix('s') if number == '1' else unit}"


def _answer(interface: Interface, method: Method, components: Components) -> dict[str, Any]:
    """The response of success."""
    binding = _binding(method)
    has_content = has_body(method.response, binding.returns)
    status = binding.status or (200 if has_content else 204)
    response: dict[str, Any] = {"description": _described(method, status, components)}
    if method.operation.sunset or interface.api.sunset:
        response["headers"] = {"Sunset": components.put("headers", SUNSET, "Sunset")}
    if has_content and binding.method != "HEAD":
        response["content"] = content(components, method.response, binding.returns, f"{names.pascal(method.name)}Response", "write_only")
    return {str(status): response}


def _described(method: Method, status: int, components: Components) -> str:
    """What the answer is, where its type says so; else what the status means."""
    described = components.graph.resolve(method.response).description if method.response else None
    return described or (HTTPStatus(status).phrase if status in list(HTTPStatus) else "Success")
