"""What a caller asks of an operation: its request made concrete, and the token that it needs."""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from generator.graph import Graph
from generator.live.lab import Reply, Token
from generator.model import Scheme
from generator.network import TOKENS, Request

PARAMETER = re.compile(r"\{[^{}]*\}")
FAILED = {"http": Reply(status=503), "grpc": Reply(grpc=14)}
"""What every breaker counts: 503, UNAVAILABLE."""
BROKEN = {"http": Reply(status=500), "grpc": Reply(grpc=13)}
"""What every breaker counts, and few try again: 500, INTERNAL."""
Kind = Literal["http1", "http2", "grpc", "tcp"]


class Asker:
    """Makes requests of which no two share a user, so that no rate limit counts them together."""

    def __init__(self, graph: Graph) -> None:
        limits = [limit for component in graph.components for limit in component.rate_limits if limit.by is not None]
        by = [limit.by.partition(":") for limit in limits if limit.by is not None]
        self._claims = {name for what, _, name in by if what == "claim"} | {"sub"}
        self._headers = {name for what, _, name in by if what == "header"}
        self._numbers: Iterator[int] = itertools.count(1)

    def fields(self, request: Request, **claims: Any) -> dict[str, Any]:
        """Fields of a Probe for a request that is let in; claims of None are left out of the token."""
        who = f"user-{next(self._numbers)}"
        found: dict[str, Any] = {
            "kind": kind(request),
            "method": request.method,
            "path": concrete(request.path),
            "headers": dict.fromkeys(self._headers, who),
        }
        if is_checked(request.scheme):
            assert request.scheme is not None
            found["token"] = Token(self._token(request, who, claims))
        return found

    def _token(self, request: Request, who: str, claims: Mapping[str, Any]) -> dict[str, Any]:
        scheme = request.scheme
        assert scheme is not None
        operation = request.operation.operation
        found: dict[str, Any] = {"iss": scheme.issuer}
        for name in self._claims:
            _put(found, name, who)
        if scheme.audiences:
            found["aud"] = scheme.audiences[0]
        if operation.scopes:
            _put(found, scheme.scope_claim, " ".join(operation.scopes))
        if operation.roles:
            _put(found, scheme.roles_claim, [operation.roles[0]])
        for name, value in claims.items():
            _put(found, name, value)
        return found


def with_claim(claims: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """The claims with another value for one of them."""
    found = copy.deepcopy(dict(claims))
    _put(found, name, value)
    return found


def _put(claims: dict[str, Any], name: str, value: Any) -> None:
    """`realm.roles` is a claim in a claim."""
    *outer, last = name.split(".")
    for part in outer:
        claims = claims.setdefault(part, {})
    if value is None:
        claims.pop(last, None)
    else:
        claims[last] = value


def kind(request: Request) -> Kind:
    """How it is asked: gRPC has the package of its interface in the path."""
    return "grpc" if request.path.startswith(f"/{request.interface.package}.") else "http1"


def concrete(path: str) -> str:
    """With a value for each parameter."""
    return PARAMETER.sub("a1", path)


def is_checked(scheme: Scheme | None) -> bool:
    """Whether a proxy can check the scheme's tokens: it must know who issues them."""
    return scheme is not None and scheme.kind in TOKENS and scheme.issuer is not None
