"""Interfaces: what became of operations, how they are called, what they take and answer, and who calls them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from generator import network
from generator.changes.subjects import Change, Order, Subject, User, Versions, broken, gone
from generator.changes.types import Hidden, Pair, Types, differences
from generator.diagnostics import Span
from generator.graph import Graph, Interface, Method, Protocol
from generator.model import Property, Schema, Use
from generator.review.interfaces import BRACES

PROTOCOLS: Mapping[Protocol, str] = {"http": "HTTP", "grpc": "gRPC"}
Called = tuple[str, str, Protocol]
"""Interface, operation, protocol."""
Callers = Mapping[Called, tuple[User, ...]]
V = TypeVar("V")
_Calls = Mapping[Called, Mapping[str, Use]]


def interfaces(types: Types) -> Iterator[Subject]:
    present = {each.id: each for each in types.after.interfaces}
    calling = _by_interface(_callers(types))
    before, after = _by_interface(_calls(types.before)), _by_interface(_calls(types.after))
    for old in types.before.interfaces:
        is_public = old.api.visibility == "public"
        new, callers = present.get(old.id), calling.get(old.id, {})
        owner = old.owner.name if old.owner else old.id
        if new is None:
            users = tuple({user: None for each in callers.values() for user in each})
            used = {name for each in before.get(old.id, {}).values() for name in each}
            yield gone(old.id, owner, types.after, users, used, is_public=is_public)
            continue
        changes = (*_interface(old, new, callers), *_methods(types, old, new, callers))
        order = _order(old, new, before.get(old.id, {}), after.get(old.id, {}), callers)
        versions = Versions(old.api.version, new.api.version, new.api.at["version"])
        yield Subject(old.id, owner, new.at.span, is_public, versions, changes, order)


# --- who calls --------------------------------------------------------------------------------------------------------


def _by_interface(calls: Mapping[Called, V]) -> dict[str, dict[Called, V]]:
    found: dict[str, dict[Called, V]] = {}
    for called, each in calls.items():
        found.setdefault(called[0], {})[called] = each
    return found


def _calls(graph: Graph) -> dict[Called, dict[str, Use]]:
    """Every call by what is called and who calls."""
    found: dict[Called, dict[str, Use]] = {}
    for call in graph.calls:
        if call.interface is not None and call.protocol is not None:
            for method in call.methods:
                found.setdefault((call.interface.id, method.name, call.protocol), {})[call.consumer.name] = call.use
    return found


def _callers(types: Types) -> Callers:
    """Those who called it before and still say that they do, also where it is no longer there."""
    stated: dict[tuple[str, str], list[Use]] = {}
    for component in types.after.components:
        for use in component.uses:
            stated.setdefault((component.name, use.api or ""), []).append(use)
    return {
        called: tuple(
            User(name, use.at["api"], frozenset(use.reads))
            for name in callers
            for use in stated.get((name, called[0]), ())
            if (not use.operations or called[1] in use.operations) and use.over in (None, called[2])
        )
        for called, callers in _calls(types.before).items()
    }


def _order(old: Interface, new: Interface, before: _Calls, after: _Calls, callers: Callers) -> Order:
    """Who calls what is new waits for the provider; who no longer calls what is gone goes before it."""
    had, has = set(_offered(old)), set(_offered(new))
    last = [(User(name, use.at["api"]), called[1]) for called in sorted(has - had) for name, use in after.get(called, {}).items()]
    lost = ((called, name) for called in sorted(had - has) for name in before.get(called, {}))
    still = {(called, each.name) for called, users in callers.items() for each in users}
    first = [(User(name, new.at.span), called[1]) for called, name in lost if (called, name) not in still]
    return Order(
        tuple(sorted({user for user, _ in first})),
        tuple(sorted({user for user, _ in last})),
        f"{_listed(each for _, each in first)} is gone",
        f"{_listed(each for _, each in last)} is new",
    )


def _listed(operations: Iterator[str]) -> str:
    return ", ".join(sorted(set(operations)))


def _offered(interface: Interface) -> Iterator[Called]:
    yield from ((interface.id, each.name, "http") for each in interface.http_methods)
    yield from ((interface.id, each.name, "grpc") for each in interface.grpc_methods)


# --- how it is called -------------------------------------------------------------------------------------------------


def _interface(old: Interface, new: Interface, callers: Callers) -> Iterator[Change]:
    """What holds for all operations alike is told once."""
    levels = ("private", "internal", "public")
    if levels.index(new.api.visibility) < levels.index(old.api.visibility):
        what = f"it was {old.api.visibility}, and is {new.api.visibility}"
        yield Change(what, new.api.at["visibility"], is_breaking=True)
    both_in_grpc = bool(old.grpc_methods and new.grpc_methods)
    moved: tuple[tuple[Protocol, str, str, str, bool], ...] = (
        ("http", "base", _base(old), _base(new), _is_moved(old, new)),
        ("grpc", "gRPC service", _service(old), _service(new), both_in_grpc and _service(old) != _service(new)),
    )
    for protocol, what, was, now, is_moved in moved:
        if is_moved:
            users = {user: None for called, each in callers.items() if called[2] == protocol for user in each}
            yield Change(f"{what} {was} → {now}", new.api.at[protocol], True, tuple(users), frozenset({PROTOCOLS[protocol]}))


def _is_moved(old: Interface, new: Interface) -> bool:
    """The base is another, and so are all paths; it may also only be cut in another place."""
    present = {each.name: new.path(each) for each in new.http_methods}
    both = [each for each in old.http_methods if each.name in present]
    return _base(old) != _base(new) and bool(both) and all(present[each.name] != old.path(each) for each in both)


def _base(interface: Interface) -> str:
    return (interface.api.http.base if interface.api.http else "").rstrip("/") or "/"


def _service(interface: Interface) -> str:
    return f"{interface.package}.{interface.service}"


def _methods(types: Types, old: Interface, new: Interface, callers: Callers) -> Iterator[Change]:
    present = {each.name: each for each in new.methods}
    for method in old.methods:
        pair = _Operation(types, old, new, method, present.get(method.name), callers)
        yield from pair.changes()
    for name in sorted(present.keys() - {each.name for each in old.methods}):
        yield Change(f'"{name}" is new', present[name].at.span, is_breaking=False)


@dataclass(frozen=True, slots=True)
class _Operation:
    """An operation before, and what it is now."""

    types: Types
    provider: Interface
    present: Interface
    old: Method
    new: Method | None
    callers: Callers

    def users(self, *protocols: Protocol) -> tuple[User, ...]:
        return tuple({user: None for each in protocols for user in self.callers.get((self.provider.id, self.old.name, each), ())})

    def offered(self) -> tuple[Protocol, ...]:
        return tuple(each for each in PROTOCOLS if _is_offered(self.old, each))

    def broken(self, what: str, at: Span, *protocols: Protocol) -> Change:
        over = protocols or self.offered()
        return Change(what, at, is_breaking=True, users=self.users(*over), over=frozenset(PROTOCOLS[each] for each in over))

    def changes(self) -> Iterator[Change]:
        if self.new is None:
            yield self.broken(f'"{self.old.name}" is gone', self.present.at["operations"])
            return
        yield from self._binding(self.new)
        yield from self._access(self.new)
        yield from self._errors(self.new)
        yield from self._parameters(self.new)
        yield from self._body(self.old.request, self.new.request, "request", writes=True)
        yield from self._body(_answer(self.old), _answer(self.new), "response", writes=False)

    def _binding(self, new: Method) -> Iterator[Change]:
        name, at = self.old.name, new.operation.at
        for protocol, spelt in PROTOCOLS.items():
            had, has = (_is_offered(each, protocol) for each in (self.old, new))
            if had and not has:
                yield self.broken(f'"{name}" is no longer offered over {spelt}', at[protocol], protocol)
            elif has and not had:
                yield Change(f'"{name}" is offered over {spelt}, too', at[protocol], is_breaking=False)
        if self.old.is_http and new.is_http:
            is_moved = _is_moved(self.provider, self.present)
            former, present = (
                _http(interface, method, is_moved=is_moved) for interface, method in ((self.provider, self.old), (self.present, new))
            )
            for what, was in former.items():
                if None not in (was, present[what]) and present[what] != was:
                    yield self.broken(f'"{name}": {what} {was} → {present[what]}', at["http"], "http")
        if self.old.grpc_name and new.grpc_name and self.old.grpc_name != new.grpc_name:
            yield self.broken(f'"{name}": gRPC method {self.old.grpc_name} → {new.grpc_name}', at["grpc"], "grpc")
        if self.old.operation.stream != new.operation.stream:
            yield self.broken(f'"{name}": stream {self.old.operation.stream} → {new.operation.stream}', at["stream"])

    def _access(self, new: Method) -> Iterator[Change]:
        """Scopes are needed all, of roles one is enough."""
        name, at = self.old.name, new.operation.at
        was, now = ((scheme.name, scheme.kind) if scheme else ("none", "none") for scheme in (self.old.scheme, new.scheme))
        if was != now:
            is_own = "auth" in at.keys or "auth" in self.old.operation.at.keys
            what = (f'"{name}": ' if is_own else "") + f"authentication {was[0]} → {now[0]}"
            where = at["auth"] if is_own else self.present.at["auth"]
            yield Change(what, where, is_breaking=False) if now[0] == "none" else self.broken(what, where)
        had, has = set(self.old.operation.scopes), set(new.operation.scopes)
        if has - had:
            yield self.broken(f'"{name}" also needs the scope {", ".join(sorted(has - had))}', at["scopes"])
        roles, present = set(self.old.operation.roles), set(new.operation.roles)
        if present and (not roles or roles - present):
            lost = ", ".join(sorted(roles - present)) or "everybody"
            yield self.broken(f'"{name}" is no longer open to {lost}', at["roles"])

    def _errors(self, new: Method) -> Iterator[Change]:
        """One more error is compatible: callers take an unknown status as the class it is in (RFC 9110, section 15)."""
        had, has = ({each.name: each for each in method.errors} for method in (self.old, new))
        for name in sorted(had.keys() ^ has.keys()):
            what = "may also answer" if name in has else "no longer answers"
            yield Change(f'"{self.old.name}" {what} with {name}', new.operation.at["errors"], is_breaking=False)
        for name in sorted(had.keys() & has.keys()):
            was, now = had[name], has[name]
            for what, before, after, protocol in (("status", was.status, now.status, "http"), ("gRPC code", was.grpc, now.grpc, "grpc")):
                if before != after and protocol in self.offered():
                    yield self.broken(f'the error "{name}": {what} {before} → {after}', now.at.span, protocol)

    def _parameters(self, new: Method) -> Iterator[Change]:
        paths = [
            BRACES.findall(interface.path(method)) if method.is_http else []
            for interface, method in ((self.provider, self.old), (self.present, new))
        ]
        is_http_only = not self.old.is_grpc and not new.is_grpc
        # Over HTTP alone, parameters in a path go by their place; where the path is another, that is said already.
        if is_http_only and len(paths[0]) == len(paths[1]):
            places = [{name: f"{{{place}}}" for place, name in enumerate(path)} for path in paths]
        else:
            places = [dict.fromkeys(path, "") if is_http_only else {} for path in paths]
        old, present = (_object(method, place) for method, place in zip((self.old, new), places, strict=True))
        yield from self._differences(old, present, "the parameters", writes=True)
        where = {each.name: each for each in new.parameters}
        for each in self.old.parameters:
            now = where.get(each.name)
            if now is not None and now.where != each.where and self.old.is_http:
                what = f'the parameter "{each.name}" of "{self.old.name}": in {each.where} → {now.where}'
                yield self.broken(what, now.at.span, "http")

    def _body(self, old: Schema | None, new: Schema | None, key: str, *, writes: bool) -> Iterator[Change]:
        assert self.new is not None
        at = self.new.operation.at[key]
        if old is not None and new is not None:
            yield from self._differences(old, new, f"the {key}", writes=writes)
        elif old is not None:
            yield self.broken(f'"{self.old.name}" has no {key} any more', at)
        elif new is not None:
            what = f'"{self.old.name}" has a {key} now'
            needed = self.types.after.resolve(new).required if self.new.is_grpc and not self.new.is_http else ("body",)
            yield self.broken(what, at) if writes and needed else Change(what, at, is_breaking=False)

    def _differences(self, old: Schema, new: Schema, what: str, *, writes: bool) -> Iterator[Change]:
        """Gateways pass on what they neither read nor write."""
        assert self.new is not None
        hidden: Hidden = "read_only" if writes else "write_only"
        pair = Pair(old, new, f'{what} of "{self.old.name}"', self.new.at.span)
        found = list(differences(self.types, pair, hidden))
        gateways = {each.name for each in network.gateways(self.types.after)}
        both = [each for each in self.offered() if _is_offered(self.new, each)]
        users = [each for each in self.users(*both) if each.name not in gateways]
        yield from broken(
            [each for each in found if not each.is_protobuf], users, frozenset(PROTOCOLS[each] for each in both), writes=writes
        )
        if "grpc" in both:
            users = [each for each in self.users("grpc") if each.name not in gateways]
            yield from broken([each for each in found if each.is_protobuf], users, frozenset({"gRPC"}), writes=writes)


def _is_offered(method: Method, protocol: Protocol) -> bool:
    return method.is_http if protocol == "http" else method.is_grpc


def _http(interface: Interface, method: Method, *, is_moved: bool) -> dict[str, object]:
    """How an operation is called; the names of path parameters are nobody's business but the provider's."""
    binding = method.operation.http
    assert binding is not None
    path = binding.path if is_moved else interface.path(method)
    return {
        "HTTP": f"{binding.method} {BRACES.sub('{}', path)}",
        "status": binding.status or (200 if method.response is not None else 204),
        "accepts": binding.accepts if method.request is not None else None,
        "returns": binding.returns if method.response is not None else None,
    }


def _answer(method: Method) -> Schema | None:
    """Of a page, callers decide themselves how long it is at most."""
    response = method.response
    if response is None or method.operation.paging is None:
        return response
    free = (dataclasses.replace(each, schema=dataclasses.replace(each.schema, max_items=None)) for each in response.properties)
    return dataclasses.replace(response, properties=tuple(free))


def _object(method: Method, places: Mapping[str, str]) -> Schema:
    """The parameters as one object, as gRPC has them; those with a place have that for a name, and with none are left out."""
    named = [(places.get(each.name, each.name), each) for each in method.parameters]
    return Schema(
        type="object",
        properties=tuple(Property(name=name, schema=each.schema, at=each.at) for name, each in named if name),
        required=tuple(name for name, each in named if name and each.required),
        additional=False,
        at=method.at,
    )
