"""What an operation answers when it does not succeed: problem details (RFC 9457), one response per status."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator import names
from generator.emit.openapi.bodies import has_body
from generator.emit.openapi.components import Components
from generator.graph import Method
from generator.model import ErrorType

MEDIA_TYPE = "application/problem+json"
UNNAMED = {
    "400": ("BadRequest", "The request does not follow this document."),
    "401": ("Unauthorized", "The caller did not prove who it is."),
    "403": ("Forbidden", "The caller may not do this."),
    "429": ("TooManyRequests", "More requests than are taken; try again after the time in Retry-After."),
    "4XX": ("ClientError", "Any other fault of the request."),
    "5XX": ("ServerError", "A fault of the service, not of the request."),
}
"""Problems that the contract does not name, and that follow from what it says of the operation."""
SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "Problem details for HTTP APIs (RFC 9457).",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "Identifies the problem; about:blank says no more than the status.",
        },
        "title": {"type": "string", "description": "Short summary, the same for every occurrence."},
        "status": {"type": "integer", "format": "int32", "minimum": 100, "maximum": 599, "description": "HTTP status."},
        "detail": {"type": "string", "description": "What happened this time."},
        "instance": {"type": "string", "format": "uri-reference", "description": "Identifies this occurrence."},
    },
}
RETRY_AFTER: dict[str, Any] = {
    "description": "Seconds to wait before the next request (RFC 9110, section 10.2.3).",
    "schema": {"type": "integer", "format": "int32", "minimum": 0},
}


def problems(method: Method, components: Components) -> dict[str, Any]:
    """Responses by status: the named errors of the operation, then what else follows from its contract."""
    named: dict[str, list[ErrorType]] = {}
    for error in sorted(method.errors, key=lambda each: each.name):
        named.setdefault(str(error.status), []).append(error)
    responses = {status: _named(errors, components) for status, errors in named.items()}
    for status in _expected(method, components):
        if status not in responses:
            name, description = UNNAMED[status]
            responses[status] = components.put("responses", _response(status, description, {}, components), name, f"{name}Problem")
    return dict(sorted(responses.items()))


def _expected(method: Method, components: Components) -> Iterator[str]:
    """Statuses that a caller meets whether or not the contract gives them a name."""
    assert method.operation.http is not None
    if method.parameters or has_body(method.request, method.operation.http.accepts):
        yield "400"
    if method.scheme is not None:
        yield from ("403",) if method.scheme.kind == "mtls" else ("401", "403")  # without a certificate there is no HTTP
    quality = components.interface.api.quality
    if (method.operation.quality and method.operation.quality.rate) or (quality and quality.rate):
        yield "429"
    yield from ("4XX", "5XX")


def _named(errors: list[ErrorType], components: Components) -> dict[str, Any]:
    """One error is a response that operations share; several of one status are told apart by their type."""
    examples = {error.name: {"value": _problem(error, components)} for error in errors}
    status = str(errors[0].status)
    if len(errors) == 1:
        response = _response(status, errors[0].description or _title(errors[0]), examples, components)
        return components.put("responses", response, errors[0].name)
    lines = [f"- `{error.name}`: {' '.join((error.description or _title(error)).split())}" for error in errors]
    return _response(status, "\n".join(["One of these problems:", "", *lines]), examples, components)


def _problem(error: ErrorType, components: Components) -> dict[str, Any]:
    return {"type": f"{components.graph.schema_base}/problems/{names.kebab(error.name)}", "title": _title(error), "status": error.status}


def _title(error: ErrorType) -> str:
    return error.title or " ".join(names.words(error.name)).capitalize()


def _response(status: str, description: str, examples: dict[str, Any], components: Components) -> dict[str, Any]:
    headers = {"headers": {"Retry-After": components.put("headers", RETRY_AFTER, "RetryAfter")}} if status == "429" else {}
    body = {"schema": components.put("schemas", SCHEMA, "Problem", "ProblemDetails")} | ({"examples": examples} if examples else {})
    return {"description": description, **headers, "content": {MEDIA_TYPE: body}}
