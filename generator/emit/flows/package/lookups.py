"""The module lookups of the provider package, word for word."""

TEXT = r'''"""Look-ups: fields that a record gets from an operation, over gRPC or HTTP, or from a table."""

import base64
import concurrent.futures
import importlib
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, NoReturn

import apache_beam as beam
from apache_beam.io.filesystems import FileSystems
from apache_beam.metrics import Metrics

from .breakers import Answer, Asking, Key, Refused, Unanswered
from .connections import setting
from .engines import Engine
from .rows import NAMESPACE, Record, batches, is_gone, plain, records, settings, with_fields
from .statements import found

PARALLEL = 16
"""Calls that are under way at once from one worker, where the contract says nothing."""
TYPES: Mapping[str, Any] = {"integer": int | None, "number": float | None, "boolean": bool | None}
"""Type of a new field; everything else is a text."""


def _added(fields: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    return {name: TYPES.get(field["type"], str | None) for name, field in fields.items()}


class _LookUp(beam.PTransform):
    """What look-ups of operations share.

    Args:
        request: Field of the request to field of the record.
        fields: New field of the record to what it is taken from: take, type, and values where the wire spells them differently.
        policy: timeout, per_try, attempts, wait (seconds, of which the first wait doubles), failures, open, parallel.
        fallback: type (none, default_response, cached_response), response, ttl in seconds.
        tombstone: Field that is true for records that are gone: they are not looked up.
    """

    caller: ClassVar[type["_Caller"]]

    def __init__(
        self,
        address: str,
        operation: Record,
        request: dict[str, str],
        fields: dict[str, Any],
        policy: dict[str, Any],
        fallback: dict[str, Any] | None,
        tombstone: str | None,
    ):
        self._fields = settings(fields)
        caller = self.caller(address, operation)
        self._ask = _Ask(caller, settings(request), self._fields, settings(policy), settings(fallback) if fallback else None, tombstone)

    def expand(self, given: Any) -> Any:
        type = with_fields(given.element_type, _added(self._fields))
        return batches(given) | "Look up" >> beam.ParDo(self._ask).with_output_types(type)


class _Caller:
    """Asks one operation; made where the pipeline is built, opened on the worker."""

    def __init__(self, address: str, operation: Record):
        self.address, self.operation = address, operation

    @property
    def name(self) -> str:
        return str(self.operation["name"])

    def open(self) -> None:
        """Before the first question."""

    def close(self) -> None:
        """After the last."""

    def ask(self, request: Record, timeout: float) -> Answer:
        """The answer; Unanswered or Refused if there is none."""
        raise NotImplementedError


class _Ask(beam.DoFn):
    def __init__(
        self,
        caller: _Caller,
        request: Mapping[str, str],
        fields: Mapping[str, Record],
        policy: Record,
        fallback: Record | None,
        tombstone: str | None,
    ):
        self._caller, self._request, self._fields = caller, request, fields
        self._policy, self._fallback, self._tombstone = policy, fallback, tombstone

    def setup(self) -> None:
        self._caller.open()
        self._asking = Asking(self._asked, self._policy, self._fallback)
        self._workers = concurrent.futures.ThreadPoolExecutor(self._policy.get("parallel") or PARALLEL)

    def teardown(self) -> None:
        self._workers.shutdown()
        self._caller.close()

    def process(self, batch: Sequence[Any]) -> Iterator[beam.Row]:
        given = records(batch)
        keys = list(dict.fromkeys(self._key(record) for record in given if not is_gone(record, self._tombstone)))
        answers = dict(zip(keys, self._workers.map(self._asking.answer, keys), strict=True))
        stood_in = sum(not is_answer for _, is_answer in answers.values())
        if stood_in:
            Metrics.counter(NAMESPACE, f"fallback {self._caller.name}").inc(stood_in)
        for record in given:
            is_asked = not is_gone(record, self._tombstone)
            answer = answers[self._key(record)][0] if is_asked else {}
            yield beam.Row(**{**record, **{name: plain(answer.get(field["take"])) for name, field in self._fields.items()}})

    def _key(self, record: Record) -> Key:
        return tuple(record[field] for field in self._request.values())

    def _asked(self, key: Key, timeout: float) -> Answer:
        given = {name: value for name, value in zip(self._request, key, strict=True) if value is not None}
        answer = self._caller.ask(given, timeout)
        return {
            **answer,
            **{field["take"]: _spelt(field, answer[field["take"]]) for field in self._fields.values() if field["take"] in answer},
        }


def _spelt(field: Mapping[str, Any], value: Any) -> Any:
    """As the contract spells it: ProtoJSON has names of its own for enum values, and whole numbers of 64 bits as text."""
    if "values" in field:
        return field["values"].get(value)
    return int(value) if field["type"] == "integer" and isinstance(value, str) else value


# --- gRPC -------------------------------------------------------------------------------------------------------------


class _GrpcCaller(_Caller):
    """Without generated code, which would tie the package to one version of protobuf: descriptors are enough."""

    def open(self) -> None:
        import grpc
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

        pool = descriptor_pool.DescriptorPool()
        for file in descriptor_pb2.FileDescriptorSet.FromString(base64.b64decode(self.operation["descriptors"])).file:
            for dependency in file.dependency:  # protobuf's own files, which every library brings
                module = importlib.import_module(dependency.removesuffix(".proto").replace("/", ".") + "_pb2")
                pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
            pool.Add(file)
        service, _, name = self.operation["method"].strip("/").rpartition("/")
        method = pool.FindServiceByName(service).FindMethodByName(name)
        self._request = message_factory.GetMessageClass(method.input_type)
        answer = message_factory.GetMessageClass(method.output_type)
        self._channel = grpc.insecure_channel(setting(self.address))
        self._call = self._channel.unary_unary(
            self.operation["method"], request_serializer=self._request.SerializeToString, response_deserializer=answer.FromString
        )

    def close(self) -> None:
        self._channel.close()

    def ask(self, request: Record, timeout: float) -> Answer:
        import grpc
        from google.protobuf import json_format

        try:
            answer = self._call(json_format.ParseDict(request, self._request()), timeout=timeout)
        except grpc.RpcError as error:
            code = error.code()
            kind = Unanswered if code in _transient(grpc) else Refused
            raise kind(f"{self.name}: {code.name}") from error
        return dict(json_format.MessageToDict(answer, always_print_fields_with_no_presence=True))


def _transient(grpc: Any) -> set[Any]:
    codes = grpc.StatusCode
    return {codes.UNAVAILABLE, codes.DEADLINE_EXCEEDED, codes.RESOURCE_EXHAUSTED, codes.INTERNAL, codes.UNKNOWN, codes.ABORTED}


class LookUpGrpc(_LookUp):
    """Adds fields of the answer of a gRPC operation, asked once for each key of a batch.

    Args:
        address: Variable with host:port; the mesh encrypts.
        method: /package.Service/Method.
        descriptors: Path of a JSON file with a FileDescriptorSet in base64.
    """

    caller: ClassVar[type[_Caller]] = _GrpcCaller

    def __init__(
        self,
        address: str,
        method: str,
        descriptors: str,
        request: dict[str, str],
        fields: dict[str, Any],
        policy: dict[str, Any],
        fallback: dict[str, Any] | None = None,
        tombstone: str | None = None,
    ):
        with FileSystems.open(descriptors) as file:
            encoded = json.loads(file.read())["descriptors"]
        operation = {"name": method, "method": method, "descriptors": encoded}
        super().__init__(address, operation, request, fields, policy, fallback, tombstone)


# --- HTTP -------------------------------------------------------------------------------------------------------------


class _HttpCaller(_Caller):
    def ask(self, request: Record, timeout: float) -> Answer:
        asked = http_request(setting(self.address), self.operation["method"], self.operation["path"], self.operation["query"], request)
        try:
            with urllib.request.urlopen(asked, timeout=timeout) as answer:  # noqa: S310  # http_request lets no other scheme through
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            kind = Unanswered if error.code >= 500 or error.code in (408, 429) else Refused
            raise kind(f"{self.name}: {error.code}") from error
        except (OSError, ValueError) as error:
            raise Unanswered(f"{self.name}: {error}") from error
        return found if isinstance(found, dict) else {}


def http_request(base: str, method: str, path: str, query: Sequence[str], given: Mapping[str, Any]) -> urllib.request.Request:
    """Fields in braces go into the path, those named go into the query, and the rest is the body."""
    if not base.startswith(("http://", "https://")):
        raise LookupError(f"{base} is no address of an HTTP server")
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in given.items()}
    in_path = {name for name in texts if f"{{{name}}}" in path}
    for name in in_path:
        path = path.replace(f"{{{name}}}", urllib.parse.quote(texts[name], safe=""))
    asked = {name: text for name, text in texts.items() if name in query}
    body = {name: value for name, value in given.items() if name not in in_path and name not in asked}
    url = f"{base.rstrip('/')}{path}{'?' + urllib.parse.urlencode(asked) if asked else ''}"
    headers = {"Accept": "application/json", **({"Content-Type": "application/json"} if body else {})}
    return urllib.request.Request(url, json.dumps(body).encode() if body else None, headers, method=method)  # noqa: S310  # looked at above


class LookUpHttp(_LookUp):
    """Adds fields of the JSON answer of an HTTP operation, asked once for each key of a batch.

    Args:
        address: Variable with the base address.
        method: GET, POST, …
        path: Path with {fields of the request}.
        query: Fields of the request that stand in the query.
    """

    caller: ClassVar[type[_Caller]] = _HttpCaller

    def __init__(
        self,
        address: str,
        method: str,
        path: str,
        request: dict[str, str],
        fields: dict[str, Any],
        policy: dict[str, Any],
        query: list[str] | None = None,
        fallback: dict[str, Any] | None = None,
        tombstone: str | None = None,
    ):
        operation = {"name": f"{method} {path}", "method": method, "path": path, "query": list(query or ())}
        super().__init__(address, operation, request, fields, policy, fallback, tombstone)


# --- for unit tests of a flow -----------------------------------------------------------------------------------------


class _NobodyAnswers(_Caller):
    def ask(self, request: Record, timeout: float) -> NoReturn:
        raise Refused(f"{self.name}: nobody answers in a unit test")


class UnansweredGrpc(LookUpGrpc):
    """The same transform without a server: what stands in for an answer shows."""

    caller = _NobodyAnswers


class UnansweredHttp(LookUpHttp):
    """The same transform without a server: what stands in for an answer shows."""

    caller = _NobodyAnswers


# --- tables -----------------------------------------------------------------------------------------------------------


class LookUpRows(beam.PTransform):
    """Adds columns of the row of a table that has a field's value, asked once for each batch; null where there is none.

    Args:
        connection: Variable with the connection.
        table: The table.
        column: Column that is compared.
        key: Field of the record that it is compared with.
        fields: New field of the record to the column that it is taken from: take, type.
        tombstone: Field that is true for records that are gone: they are not looked up.
    """

    engine: ClassVar[Engine]

    def __init__(self, connection: str, table: str, column: str, key: str, fields: dict[str, Any], tombstone: str | None = None):
        self._fields = settings(fields)
        self._find = _FindRows(self.engine, connection, table, column, key, self._fields, tombstone)

    def expand(self, given: Any) -> Any:
        type = with_fields(given.element_type, _added(self._fields))
        return batches(given) | "Look up" >> beam.ParDo(self._find).with_output_types(type)


class _FindRows(beam.DoFn):
    def __init__(
        self, engine: Engine, connection: str, table: str, column: str, key: str, fields: Mapping[str, Record], tombstone: str | None
    ):
        self._engine, self._connection, self._key, self._tombstone = engine, connection, key, tombstone
        self._queries = {name: found(engine.dialect, table, column, field["take"]) for name, field in fields.items()}

    def setup(self) -> None:
        self._client = self._engine.connect(self._connection)

    def teardown(self) -> None:
        self._client.close()

    def process(self, batch: Sequence[Any]) -> Iterator[beam.Row]:
        given = records(batch)
        asked = [record for record in given if not is_gone(record, self._tombstone) and record[self._key] is not None]
        wanted = sorted({str(record[self._key]) for record in asked})
        answers = {name: dict(self._engine.ask(self._client, query, {"wanted": wanted})) for name, query in self._queries.items()}
        for record in given:
            key = None if is_gone(record, self._tombstone) else str(record[self._key])
            yield beam.Row(**{**record, **{name: plain(values.get(key)) for name, values in answers.items()}})
'''
