"""Names become edges: turns what teams wrote into the graph, and reports every name that leads nowhere."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from generator import names
from generator.diagnostics import Diagnostic, Span, arranged, nearest
from generator.graph import Call, Graph, Idempotency, Interface, Method, Queue, Sender, StoreAccess, Subscription, Topic
from generator.model import (
    Api,
    Backoff,
    Breaker,
    CallDefaults,
    Command,
    Component,
    ConsumeDefaults,
    Defaults,
    Discriminator,
    ErrorType,
    Event,
    Example,
    External,
    Member,
    Operation,
    Paging,
    Parameter,
    Property,
    PublishDefaults,
    Schema,
    Scheme,
    Store,
    System,
    Type,
    Use,
)

PATH_PARAMETER = re.compile(r"\{([^{}/]*)\}")
MOST_GUESSES = 50
"""After so many unknown names no nearest spelling is looked for: with thousands it would take minutes."""
GRPC_CODES = {
    400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND", 408: "DEADLINE_EXCEEDED", 410: "NOT_FOUND",
    422: "INVALID_ARGUMENT", 429: "RESOURCE_EXHAUSTED", 499: "CANCELLED", 501: "UNIMPLEMENTED", 503: "UNAVAILABLE", 504: "DEADLINE_EXCEEDED",
}  # fmt: skip
"""HTTP status to gRPC code (google/rpc/code.proto); any other 4xx is a failed precondition, any other 5xx internal."""


def link(system: System) -> tuple[Graph, list[Diagnostic]]:
    """The graph of the system, and what does not resolve; that is left out, so nothing after this meets it."""
    return _Linker(system).link()


@dataclass(slots=True)
class _Linker:
    """The names of one system while they are being resolved."""

    system: System
    found: list[Diagnostic] = field(default_factory=list)
    types: dict[str, Type] = field(default_factory=dict)
    components: dict[str, Component] = field(default_factory=dict)
    apis: dict[str, tuple[Component | None, Api]] = field(default_factory=dict)
    events: dict[str, tuple[Component, Event]] = field(default_factory=dict)
    commands: dict[str, tuple[Component, Command]] = field(default_factory=dict)
    stores: dict[str, tuple[Component, Store]] = field(default_factory=dict)
    externals: dict[str, External] = field(default_factory=dict)
    schemes: dict[str, Scheme] = field(default_factory=dict)
    missing: set[tuple[str, Span]] = field(default_factory=set)

    @property
    def defaults(self) -> Defaults:
        return self.system.document.defaults or Defaults()

    def link(self) -> tuple[Graph, list[Diagnostic]]:
        self._index()
        self.types = {name: dataclasses.replace(each, schema=self._schema(each.schema, _owner(name))) for name, each in self.types.items()}
        self._refuse_alias_cycles()
        self._check_headings()
        interfaces = self._interfaces()
        by_id = {each.id: each for each in interfaces}
        graph = Graph(
            system=self.system,
            components=tuple(self.components.values()),
            types=self.types,
            examples=self._examples(),
            interfaces=interfaces,
            topics=tuple(self._topics()),
            queues=tuple(self._queues()),
            calls=tuple(
                call for component in self.components.values() for use in component.uses for call in self._calls(component, use, by_id)
            ),
            accesses=tuple(self._accesses()),
            externals=tuple(self.externals.values()),
            schemes=self.schemes,
        )
        return graph, arranged(self.found)

    # --- names --------------------------------------------------------------------------------------------------------

    def _index(self) -> None:
        document = self.system.document
        self.components = {each.name: each for each in self.system.components}
        self.types = {each.name: each for each in document.types}
        self.externals = {each.name: each for each in document.externals}
        self.schemes = {each.name: each for each in document.authentication}
        self.apis = {each.name: (None, each) for each in document.interfaces}
        for component in self.system.components:
            own = component.name
            self.types |= {f"{own}.{each.name}": each for each in component.types}
            self.apis |= {f"{own}.{each.name}": (component, each) for each in component.provides}
            self.events |= {f"{own}.{each.name}": (component, each) for each in component.publishes}
            self.commands |= {f"{own}.{each.name}": (component, each) for each in component.handles}
            self.stores |= {f"{own}.{each.name}": (component, each) for each in component.stores}

    def _unknown(self, code: str, at: Span, message: str, name: str, known: Iterable[str]) -> None:
        """Reports a name that nobody defines; not when its own definition could not be read, and each place once."""
        possible = {name.rpartition(".")[2], name.partition(".")[0], "*"}  # "*": a file that could not be read to its end
        if possible & self.system.lost or (name, at) in self.missing:
            return
        self.missing.add((name, at))
        if len(self.missing) > MOST_GUESSES:
            self.found.append(Diagnostic(code, at, message))
            return
        known = list(known)
        guess = nearest(name, known) or _same_last_part(name, known)
        listed = f"known: {', '.join(sorted(known)[:12])}" if known else "none is defined"
        help = f'did you mean "{guess}"?' if guess else listed
        self.found.append(Diagnostic(code, at, message, help))

    def _listed(self, wanted: Sequence[str], known: Iterable[str], at: Span, code: str, what: str) -> tuple[str, ...]:
        """The names that exist; the others are reported."""
        known = list(known)
        for name in wanted:
            if name not in known:
                self._unknown(code, at, f'{what} has no "{name}"', name, known)
        return tuple(name for name in wanted if name in known)

    def _one_of(self, name: str | None, known: Iterable[str], at: Span, code: str, what: str) -> None:
        known = list(known)
        if name is not None and known and name not in known:
            self._unknown(code, at, f'{what} "{name}" is not defined', name, known)

    # --- types --------------------------------------------------------------------------------------------------------

    def _schema(self, schema: Schema, scope: str | None) -> Schema:
        """The schema with qualified references; one that leads nowhere becomes a free object."""
        changes: dict[str, Any] = {}
        if schema.ref is not None:
            target = self._type(schema.ref, scope, schema.at["$ref"])
            changes = {"ref": target} if target else {"ref": None, "type": "object"}
        if schema.properties:
            linked = tuple(self._schema(each.schema, scope) for each in schema.properties)
            if any(new is not each.schema for new, each in zip(linked, schema.properties, strict=True)):
                changes["properties"] = tuple(
                    dataclasses.replace(each, schema=new) for new, each in zip(linked, schema.properties, strict=True)
                )
        if schema.items is not None:
            changes["items"] = self._schema(schema.items, scope)
        if isinstance(schema.additional, Schema):
            changes["additional"] = self._schema(schema.additional, scope)
        if schema.one_of:
            changes["one_of"] = tuple(
                sorted((self._schema(each, scope) for each in schema.one_of), key=lambda each: each.ref or repr(each))
            )
            changes["discriminator"] = self._discriminator(schema, changes["one_of"], scope)
        return dataclasses.replace(schema, **changes) if changes else schema

    def _type(self, name: str, scope: str | None, at: Span) -> str | None:
        """The qualified name of a type, looked up in the component and then in the system."""
        for candidate in (f"{scope}.{name}" if scope else name, name):
            if candidate in self.types:
                return candidate
        if name in ("string", "integer", "number", "boolean", "array", "object"):
            self.found.append(Diagnostic("unknown-type", at, f'no type is called "{name}"', f"write {{type: {name}}}"))
        else:
            own = f"{scope}." if scope else ""
            self._unknown("unknown-type", at, f'no type is called "{name}"', name, (each.removeprefix(own) for each in self.types))
        return None

    def _discriminator(self, schema: Schema, members: tuple[Schema, ...], scope: str | None) -> Discriminator | None:
        """The discriminator with a value for every member: as mapped, else the type's own name."""
        given = schema.discriminator
        if given is None:
            return None
        mapped: dict[str, str] = {}
        places = {each.name: each.at for each in given.mapping}
        for each in given.mapping:
            target = self._type(each.type, scope, each.at.span)
            mapped |= {each.name: target} if target else {}
        for member in members:
            if member.ref and member.ref not in mapped.values():
                mapped[member.ref.rpartition(".")[2]] = member.ref
        mapping = tuple(Member(name=name, type=mapped[name], at=places.get(name, given.at)) for name in sorted(mapped))
        return dataclasses.replace(given, mapping=mapping)

    def _refuse_alias_cycles(self) -> None:
        """`A: {$ref: B}` and `B: {$ref: A}` name each other and nothing else; each becomes a free object."""
        done: set[str] = set()
        for name in list(self.types):
            path: dict[str, None] = {}
            target: str | None = name
            while target is not None and target not in path and target not in done:
                path[target] = None
                target = self.types[target].schema.ref
            done |= path.keys()
            if target is not None and target in path:
                ring = list(path)[list(path).index(target) :]
                at = self.types[target].schema.at["$ref"]
                message = f'the type "{target}" is only another name for itself: {" → ".join([*ring, target])}'
                self.found.append(Diagnostic("cyclic-type", at, message, "say what it is: type: object, or another type's name"))
                free = dataclasses.replace(self.types[target].schema, ref=None, type="object")
                self.types[target] = dataclasses.replace(self.types[target], schema=free)

    def _examples(self) -> Mapping[str, tuple[Example, ...]]:
        by_type: dict[str, list[Example]] = {}
        scopes: list[tuple[str | None, tuple[Example, ...]]] = [(None, self.system.document.examples)]
        scopes += [(component.name, component.examples) for component in self.components.values()]
        for scope, examples in scopes:
            for example in examples:
                target = self._type(example.type, scope, example.at["type"])
                if target:
                    by_type.setdefault(target, []).append(dataclasses.replace(example, type=target))
        return {name: tuple(sorted(by_type[name], key=lambda each: each.name)) for name in sorted(by_type)}

    # --- headings -----------------------------------------------------------------------------------------------------

    def _check_headings(self) -> None:
        """Owners, domains and layers that components and the system name must be defined, where the contract defines any."""
        document = self.system.document
        owners, domains, layers = ([each.name for each in group] for group in (document.owners, document.domains, document.layers))
        self._one_of(self.system.header.owner, owners, self.system.header.at["owner"], "unknown-owner", "the owner")
        for component in self.components.values():
            self._one_of(component.owner, owners, component.at["owner"], "unknown-owner", "the owner")
            self._one_of(component.domain, domains, component.at["domain"], "unknown-domain", "the domain")
            self._one_of(component.layer, layers, component.at["layer"], "unknown-layer", "the layer")
            self._listed(
                component.implements, [each.name for each in document.interfaces], component.at["implements"], "unknown-api", "the system"
            )
        self._listed(
            self.defaults.implements,
            [each.name for each in document.interfaces],
            self.defaults.at["implements"],
            "unknown-api",
            "the system",
        )
        for layer in document.layers:
            known = [*layers, *self.externals]
            self._listed(layer.may_call, known, layer.at["may_call"], "unknown-layer", "the system")
        for question in document.open_questions:
            self._one_of(question.owner, owners, question.at["owner"], "unknown-owner", "the owner")
        for external in document.externals:
            self._one_of(external.owner, owners, external.at["owner"], "unknown-owner", "the owner")
        for scheme in document.authentication:
            self._one_of(scheme.issued_by, self.externals, scheme.at["issued_by"], "unknown-external", "the third party")

    # --- interfaces ---------------------------------------------------------------------------------------------------

    def _interfaces(self) -> tuple[Interface, ...]:
        return tuple(self._interface(owner, api) for _, (owner, api) in sorted(self.apis.items()))

    def _interface(self, owner: Component | None, api: Api) -> Interface:
        header = self.system.header
        namespace = header.namespace or header.name
        if owner is not None:
            providers: tuple[Component, ...] = (owner,)
        else:
            providers = tuple(each for each in self.components.values() if api.name in (*each.implements, *self.defaults.implements))
        grpc = api.grpc
        return Interface(
            api=api,
            owner=owner,
            providers=providers,
            methods=tuple(self._method(owner, api, operation) for operation in api.operations),
            team=(owner.owner if owner else None) or header.owner,
            package=(grpc.package if grpc else None) or names.package(namespace, owner.name if owner else None, api.name, api.version),
            service=(grpc.service if grpc else None) or f"{names.pascal(api.name)}Service",
        )

    def _method(self, owner: Component | None, api: Api, operation: Operation) -> Method:
        scope = owner.name if owner else None
        request = self._schema(operation.request, scope) if operation.request else None
        response = self._schema(operation.response, scope) if operation.response else None
        parameters = self._parameters(api, operation, scope, request, response)
        if operation.paging is not None:
            response, parameters = self._paged(operation, operation.paging, response, parameters)
        scheme = self._scheme(
            operation.auth if operation.auth is not None else api.auth, operation.at["auth"] if operation.auth else api.at["auth"]
        )
        if operation.scopes and scheme:
            known = [each.name for each in scheme.scopes]
            self._listed(operation.scopes, known, operation.at["scopes"], "unknown-scope", f'the authentication scheme "{scheme.name}"')
        if operation.roles and scheme and scheme.roles:
            known = [each.name for each in scheme.roles]
            self._listed(operation.roles, known, operation.at["roles"], "unknown-role", f'the authentication scheme "{scheme.name}"')
        return Method(
            operation=operation,
            parameters=parameters,
            request=request,
            response=response,
            errors=self._errors(operation, owner),
            idempotency=operation.idempotency or _idempotency(operation),
            scheme=scheme,
            grpc_name=_grpc_name(api, operation),
        )

    def _scheme(self, name: str | None, at: Span) -> Scheme | None:
        if name is None or name == "none":
            return None
        if name not in self.schemes:
            self._unknown("unknown-authentication", at, f'no authentication scheme is called "{name}"', name, self.schemes)
        return self.schemes.get(name)

    def _errors(self, operation: Operation, owner: Component | None) -> tuple[ErrorType, ...]:
        known = {each.name: each for each in self.system.document.errors}
        known |= {each.name: each for each in (owner.errors if owner else ())}
        what = f'neither "{owner.name}" nor the system' if owner else "the system"
        wanted = []
        for name in operation.errors:
            if name in known:
                error = known[name]
                wanted.append(error if error.grpc else dataclasses.replace(error, grpc=_grpc_code(error.status)))  # type: ignore[arg-type]  # a table of the same words
            else:
                self._unknown("unknown-error", operation.at["errors"], f'{what} defines the error "{name}"', name, known)
        return tuple(wanted)

    def _parameters(
        self, api: Api, operation: Operation, scope: str | None, request: Schema | None, response: Schema | None
    ) -> tuple[Parameter, ...]:
        """All parameters of an operation, those of its path inferred from shared ones or from the types it shows."""
        template = _template(api, operation)
        own = {each.name: dataclasses.replace(each, schema=self._schema(each.schema, scope)) for each in operation.parameters}
        for each in own.values():
            if each.where == "path" and each.name not in template:
                message = f'the path of "{operation.name}" has no {{{each.name}}}'
                self._unknown("path-parameter-mismatch", each.at.span, message, each.name, template)
        shared = {each.name: dataclasses.replace(each, schema=self._schema(each.schema, scope)) for each in api.parameters}
        for name in template:
            if name and name not in own:  # review says what is wrong with a path that has {}
                own[name] = shared.get(name) or self._inferred(name, operation, (response, request))
        decided = (
            dataclasses.replace(each, where=_where(each, template), required=each.required or each.name in template)
            for each in own.values()
        )
        return tuple(sorted(decided, key=lambda each: each.name))

    def _inferred(self, name: str, operation: Operation, shown: tuple[Schema | None, ...]) -> Parameter:
        """A path parameter that nothing declares has the type of the property of that name."""
        for schema in shown:
            resolved = self._resolved(schema) if schema else None
            for each in resolved.properties if resolved else ():
                if each.name == name:
                    plain = dataclasses.replace(each.schema, read_only=False, write_only=False)
                    return Parameter(name=name, schema=plain, at=operation.at)
        at = operation.http.at.span if operation.http else operation.at.span
        message = f'nothing says what {{{name}}} in the path of "{operation.name}" is'
        help = f"declare it: parameters: {{{name}: {{type: string}}}}, or check its spelling"
        self.found.append(Diagnostic("undeclared-path-parameter", at, message, help))
        return Parameter(name=name, schema=Schema(type="string"), at=operation.at)

    def _resolved(self, schema: Schema) -> Schema:
        while schema.ref is not None:
            schema = self.types[schema.ref].schema
        return schema

    def _paged(
        self, operation: Operation, paging: Paging, response: Schema | None, parameters: tuple[Parameter, ...]
    ) -> tuple[Schema | None, tuple[Parameter, ...]]:
        if response is None or self._resolved(response).type != "array":
            at = operation.at["response"] if response else operation.at["paging"]
            help = "response: {type: array, items: {$ref: Order}}"
            self.found.append(Diagnostic("paging-without-list", at, f'"{operation.name}" is paged, and its response is not a list', help))
            return response, parameters
        items = dataclasses.replace(self._resolved(response), max_items=paging.limit)
        cursor = Schema(type="string", description="Opaque position; absent on the last page.", at=operation.at)
        page = Schema(
            type="object",
            properties=(Property(name=names.ITEMS, schema=items), Property(name=names.NEXT_CURSOR, schema=cursor)),
            required=(names.ITEMS,),
            at=operation.at,
        )
        limit = Schema(
            type="integer", format="int32", minimum=1, maximum=paging.limit, description="Most items on the page.", at=operation.at
        )
        start = Schema(type="string", description="Where to go on: nextCursor of the page before.", at=operation.at)
        own = {each.name: each for each in parameters}
        own.setdefault(names.CURSOR, Parameter(name=names.CURSOR, schema=start, where="query", at=operation.at))
        own.setdefault(names.LIMIT, Parameter(name=names.LIMIT, schema=limit, where="query", at=operation.at))
        return page, tuple(own[name] for name in sorted(own))

    # --- messages -----------------------------------------------------------------------------------------------------

    def _topics(self) -> Iterator[Topic]:
        subscriptions: dict[str, list[Subscription]] = {}
        for component in self.components.values():
            for consume in component.consumes:
                if consume.event in self.events:
                    subscription = self._subscription(component, consume)
                    subscriptions.setdefault(consume.event, []).append(subscription)
                else:
                    message = f'{component.name} consumes "{consume.event}", which nobody publishes'
                    self._unknown("unknown-event", consume.at["event"], message, consume.event, self.events)
        for id, (publisher, event) in sorted(self.events.items()):
            linked = self._message(event, publisher)
            yield Topic(
                linked,
                publisher,
                self._address(linked, publisher),
                tuple(sorted(subscriptions.get(id, ()), key=lambda each: (each.consumer.name, each.group))),
            )

    def _address(self, message: Event | Command, owner: Component) -> str:
        given = message.topic if isinstance(message, Event) else message.queue
        return given or names.channel(owner.domain or owner.name, message.name, message.version)

    def _message(self, message: Any, owner: Component) -> Any:
        """An event or command with qualified payload and the system's defaults."""
        defaults: PublishDefaults = self.defaults.publish
        payload = self._schema(message.payload, owner.name)
        known = self._property_names(payload)
        if message.key is not None and known and message.key not in known:
            self._unknown(
                "unknown-property",
                message.at["key"],
                f'the payload of "{message.name}" has no property "{message.key}"',
                message.key,
                known,
            )
        changes = {
            "payload": payload,
            "delivery": message.delivery or defaults.delivery,
            "retention": message.retention or defaults.retention,
            "partitions": message.partitions or defaults.partitions,
        }
        if isinstance(message, Command):
            changes["reply"] = self._schema(message.reply, owner.name) if message.reply else None
            changes |= self._handling(message)
        elif message.route:
            self._listed(message.route, known, message.at["route"], "unknown-property", f'the payload of "{message.name}"')
        return dataclasses.replace(message, **changes)

    def _handling(self, handler: Any) -> dict[str, Any]:
        """Retry, dead letter and idempotency of a consumer or handler, the system's where it says nothing."""
        defaults: ConsumeDefaults = self.defaults.consume
        return {
            "retry": handler.retry or defaults.retry or Backoff(attempts=1),
            "dead_letter": handler.dead_letter if handler.dead_letter is not None else defaults.dead_letter,
            "idempotent_by": handler.idempotent_by or defaults.idempotent_by,
        }

    def _dead_letter(self, given: bool | str | None, address: str) -> str | None:
        broker = self.system.header.broker
        if isinstance(given, str):
            return given
        return f"{address}{broker.dead_letter_suffix if broker else '.dlq'}" if given else None

    def _subscription(self, component: Component, consume: Any) -> Subscription:
        publisher, event = self.events[consume.event]
        payload = self._schema(event.payload, publisher.name)
        known = self._property_names(payload)
        if known:
            self._listed(consume.reads, known, consume.at["reads"], "unknown-property", f'the payload of "{consume.event}"')
            self._listed(
                [each.name for each in consume.only], known, consume.at["only"], "unknown-property", f'the payload of "{consume.event}"'
            )
        complete = dataclasses.replace(consume, **self._handling(consume))
        address = self._address(event, publisher)
        return Subscription(
            component, complete, consume.event, consume.group or component.name, self._dead_letter(complete.dead_letter, address)
        )

    def _queues(self) -> Iterator[Queue]:
        senders: dict[str, list[Sender]] = {}
        for component in self.components.values():
            for send in component.sends:
                if send.command in self.commands:
                    handler, command = self.commands[send.command]
                    known = self._property_names(self._schema(command.reply, handler.name)) if command.reply else []
                    if send.reads:
                        self._listed(send.reads, known, send.at["reads"], "unknown-property", f'the reply of "{send.command}"')
                    reply = names.reply_channel(self._address(command, handler), component.name) if command.reply else None
                    senders.setdefault(send.command, []).append(Sender(component, send, reply))
                else:
                    message = f'{component.name} sends "{send.command}", which nobody handles'
                    self._unknown("unknown-command", send.at["command"], message, send.command, self.commands)
        for id, (handler, command) in sorted(self.commands.items()):
            linked = self._message(command, handler)
            address = self._address(linked, handler)
            dead_letter = self._dead_letter(linked.dead_letter, address)
            ordered = tuple(sorted(senders.get(id, ()), key=lambda each: each.component.name))
            yield Queue(linked, handler, address, linked.group or handler.name, dead_letter, ordered)

    def _property_names(self, schema: Schema | None) -> list[str]:
        resolved = self._resolved(schema) if schema else None
        return [each.name for each in resolved.properties] if resolved else []

    # --- calls and stores ---------------------------------------------------------------------------------------------

    def _calls(self, consumer: Component, use: Use, interfaces: Mapping[str, Interface]) -> Iterator[Call]:
        if (use.api is None) == (use.external is None):
            help = "name the interface as api: component.interface, or the third party as external: name"
            self.found.append(Diagnostic("unclear-use", use.at.span, "a use names either an api or an external", help))
        elif use.external is not None:
            external = self.externals.get(use.external)
            if external is None:
                message = f'{consumer.name} uses "{use.external}", which is not among the externals'
                self._unknown("unknown-external", use.at["external"], message, use.external, self.externals)
                return
            if external.operations:
                known = [each.name for each in external.operations]
                self._listed(use.operations, known, use.at["operations"], "unknown-operation", f'"{external.name}"')
            yield Call(consumer, self._policy(use), None, external, (), None)
        elif use.api is not None:
            interface = interfaces.get(use.api)
            if interface is None:
                message = f'{consumer.name} uses "{use.api}", which nobody provides'
                self._unknown("unknown-api", use.at["api"], message, use.api, interfaces)
                return
            yield from self._internal_call(consumer, use, interface)

    def _internal_call(self, consumer: Component, use: Use, interface: Interface) -> Iterator[Call]:
        offered = [name for name, offer in (("http", interface.http_methods), ("grpc", interface.grpc_methods)) if offer]
        protocol = use.over or (offered[0] if len(offered) == 1 else None)
        if protocol is None:
            help = "say over: http or over: grpc" if offered else "give its operations an http or grpc binding"
            message = f'"{interface.id}" is offered over {" and ".join(offered) or "no protocol"}, and the use does not say which'
            self.found.append(Diagnostic("unclear-protocol", use.at["api"], message, help))
            return
        methods = interface.http_methods if protocol == "http" else interface.grpc_methods
        if not methods:
            message = f'"{interface.id}" is not offered over {protocol}'
            self.found.append(Diagnostic("unclear-protocol", use.at["over"], message, f"it is offered over {' and '.join(offered)}"))
            return
        known = [method.name for method in methods]
        wanted = self._listed(use.operations, known, use.at["operations"], "unknown-operation", f'"{interface.id}" over {protocol}')
        called = tuple(method for method in methods if not use.operations or method.name in wanted)
        self._check_reads(use, called)
        gateway = self._gateway(use, interface, called)
        yield Call(consumer, self._policy(use), interface, None, called, protocol, gateway)  # type: ignore[arg-type]  # narrowed by offered

    def _gateway(self, use: Use, interface: Interface, called: tuple[Method, ...]) -> Component | None:
        """The gateway that a call goes through; it must itself have a route to every operation that is called."""
        if use.via is None:
            return None
        gateways = {each.name: each for each in self.components.values() if each.runtime and each.runtime.kind == "gateway"}
        gateway = gateways.get(use.via)
        if gateway is None:
            self._unknown("unknown-gateway", use.at["via"], f'no gateway is called "{use.via}"', use.via, gateways)
            return None
        routes = [each for each in gateway.uses if each.api == interface.id and each.over != "grpc"]
        reached = {name for each in routes for name in each.operations or [method.name for method in interface.http_methods]}
        missing = [method.name for method in called if method.name not in reached]
        if missing:
            message = f'"{gateway.name}" has no route to {", ".join(missing)} of "{interface.id}"'
            self.found.append(Diagnostic("unrouted-call", use.at["via"], message, f"let {gateway.name} use it over http"))
        return gateway

    def _check_reads(self, use: Use, methods: tuple[Method, ...]) -> None:
        known = {name for method in methods for name in self._property_names(method.response)}
        known |= {each.name for method in methods for each in self._item_properties(method.response)}
        if use.reads and known:
            self._listed(use.reads, sorted(known), use.at["reads"], "unknown-property", "the response")

    def _item_properties(self, schema: Schema | None) -> Iterator[Property]:
        """Properties of the items of a list or page, which a consumer reads without naming the list."""
        resolved = self._resolved(schema) if schema else None
        if resolved is None:
            return
        lists = [resolved, *(self._resolved(each.schema) for each in resolved.properties if each.name == names.ITEMS)]
        for each in lists:
            if each.type == "array" and each.items is not None:
                yield from self._resolved(each.items).properties

    def _policy(self, use: Use) -> Use:
        """The use with the system's call policy where it says nothing."""
        defaults: CallDefaults = self.defaults.call
        breaker: bool | Breaker | None = use.breaker if use.breaker is not None else defaults.breaker
        return dataclasses.replace(use, timeout=use.timeout or defaults.timeout, retry=use.retry or defaults.retry, breaker=breaker)

    def _accesses(self) -> Iterator[StoreAccess]:
        for _, (owner, store) in sorted(self.stores.items()):
            yield StoreAccess(owner, store, owner, None)
        for component in self.components.values():
            for use in component.uses_stores:
                if use.store in self.stores:
                    owner, store = self.stores[use.store]
                    yield StoreAccess(component, store, owner, use)
                else:
                    message = f'{component.name} uses the store "{use.store}", which nobody owns'
                    self._unknown("unknown-store", use.at["store"], message, use.store, self.stores)


def _owner(reference: str) -> str | None:
    return reference.rpartition(".")[0] or None


def _same_last_part(name: str, known: Iterable[str]) -> str | None:
    """`payments` for `payments.payments`: the owner was forgotten or mistaken."""
    last = name.rpartition(".")[2]
    return next((each for each in sorted(known) if each.rpartition(".")[2] == last), None)


def _template(api: Api, operation: Operation) -> list[str]:
    """The parameters that the operation's whole path names."""
    if operation.http is None:
        return []
    return PATH_PARAMETER.findall((api.http.base if api.http else "") + operation.http.path)


def _where(parameter: Parameter, template: list[str]) -> Literal["path", "query", "header"]:
    return parameter.where or ("path" if parameter.name in template else "query")


def _idempotency(operation: Operation) -> Idempotency:
    """RFC 9110, section 9.2: GET and HEAD are safe, PUT and DELETE idempotent; nothing is known of the others."""
    method = operation.http.method if operation.http else None
    by_method: dict[str | None, Idempotency] = {"GET": "safe", "HEAD": "safe", "PUT": "idempotent", "DELETE": "idempotent"}
    return by_method.get(method, "none")


def _grpc_name(api: Api, operation: Operation) -> str | None:
    if api.grpc is None or operation.grpc is False:
        return None
    return operation.grpc if isinstance(operation.grpc, str) else names.pascal(operation.name)


def _grpc_code(status: int) -> str:
    return GRPC_CODES.get(status) or ("FAILED_PRECONDITION" if status < 500 else "INTERNAL")
