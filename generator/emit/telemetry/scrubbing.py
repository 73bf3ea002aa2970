"""What never leaves the collector in clear: values of fields that the contract protects, credentials, and both within texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator import auditing, names, personal, signals
from generator.diagnostics import At
from generator.emit.telemetry import ottl
from generator.graph import Graph
from generator.personal import ProtectedField
from generator.promql import escape

MASK = "****"
"""What the collector's redaction processor puts in place of a value; here the same is said in texts."""
MASKED = f"$1{MASK}"
CREDENTIALS = ("authorization", "cookie", "proxy-authorization", "set-cookie")
"""Headers that prove who somebody is (RFC 9110, RFC 6265)."""
CARRIERS = r"^(?:http\.(?:request|response)\.header|rpc\.(?:grpc\.)?(?:request|response)\.metadata)\."
"""Under which an SDK records headers, where it is told to."""
AUDITED = r"^audit\."
"""Attributes of audit records: whoever writes them has masked what is protected, and what is left is the record."""
WORD = re.compile(r"\w", re.ASCII)
"""What RE2 takes for a part of a word: only there words have bounds to it."""
NUMBERED = re.compile(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
"""Where some write a separator in a word: `line1` is also `line_1`."""
QUERY = "db.query.text"
SANITIZERS = {
    "sql": {"mariadb", "mysql", "other_sql", "postgresql", "sqlite"},
    "redis": {"redis"},
    "memcached": {"memcached"},
    "mongo": {"mongodb"},
    "opensearch": {"opensearch"},
    "es": {"elasticsearch"},
}
"""The redaction processor's, and the values of db.system.name that each reads."""
LABELS = ("area", "id", "name", "state", "type")
"""By which Micrometer tells its series from one another."""
STANDARD = (
    "client.port", "cloud.account.id", "cloud.availability_zone", "cloud.platform", "cloud.provider", "cloud.region", "code.file.path",
    "code.function.name", "code.line.number", "component", "container.id", "container.image.name", "container.name", "container.runtime.name",
    "db.collection.name", "db.namespace", "db.operation.batch.size", "db.operation.name", "db.query.summary", "db.query.text",
    "db.response.status_code", "db.system.name", "deployment.environment.name", "deployment.id", "deployment.name", "deployment.status",
    "error.type", "exception.escaped", "exception.message", "exception.stacktrace", "exception.type", "feature_flag.key", "host.arch",
    "host.id", "host.image.id", "host.image.name", "host.image.version", "host.name", "host.type", "http.request.body.size",
    "http.request.method", "http.request.method_original", "http.request.resend_count", "http.response.body.size",
    "http.response.status_code", "http.route", "k8s.cluster.name", "k8s.container.name", "k8s.deployment.name", "k8s.namespace.name",
    "k8s.node.name", "k8s.pod.name", "k8s.pod.uid", "log.type", "messaging.batch.message_count", "messaging.client.id",
    "messaging.consumer.group.name", "messaging.destination.name", "messaging.destination.partition.id",
    "messaging.destination.subscription.name", "messaging.destination.template", "messaging.kafka.message.key",
    "messaging.kafka.offset", "messaging.message.body.size", "messaging.message.conversation_id", "messaging.message.id",
    "messaging.operation.name", "messaging.operation.type", "messaging.system", "network.local.port", "network.peer.port",
    "network.protocol.name", "network.protocol.version", "network.transport", "network.type", "os.name", "os.type", "os.version",
    "otel.scope.name", "otel.scope.version", "otel.status_code", "process.executable.name", "process.pid", "process.runtime.name",
    "process.runtime.version", "rpc.method", "rpc.response.status_code", "rpc.system.name", "server.address", "server.port",
    "service.instance.id", "service.name", "service.namespace", "service.peer.name", "service.version", "telemetry.distro.name",
    "telemetry.distro.version", "telemetry.sdk.language", "telemetry.sdk.name", "telemetry.sdk.version", "thread.id", "thread.name",
    "upstream_cluster.name", "url.full", "url.path", "url.query", "url.scheme", "url.template", "user_agent.name", "user_agent.version",
)  # fmt: skip
"""Attributes of the semantic conventions that are about machines: a field of the contract that is called `name` is none of them."""


@dataclass(frozen=True, slots=True)
class Known:
    """What a contract says of what must not be seen, found once."""

    graph: Graph
    fields: Mapping[str, ProtectedField]
    has_audit: bool
    """Something is written to the audit log."""


def known(graph: Graph) -> Known:
    return Known(graph, personal.personal_fields(graph), bool(auditing.audit_entries(graph)))


def sources(protected: Known) -> tuple[At, ...]:
    """The records that say what is protected."""
    return tuple(at for each in protected.fields.values() for at in each.places)


def redaction(protected: Known) -> dict[str, Any]:
    """A processor that masks attributes by their names, whatever case the names are in; a part of a dotted name counts, too."""
    fields = protected.fields
    patterns = [_headers(protected.graph), *([_key(fields)] if fields else [])]
    ignored = [each for each in STANDARD if fields and re.search(_key(fields), each)]
    audited = {"ignored_key_patterns": [ottl.literal(AUDITED)]} if fields and protected.has_audit else {}
    queries = _queries(protected.graph)
    return {
        "allow_all_keys": True,
        "blocked_key_patterns": [ottl.literal(each) for each in patterns],
        **({"ignored_keys": ignored} if ignored else {}),
        **audited,
        **({"db_sanitizer": queries} if queries else {}),
        "summary": "silent",
    }


def of_series(protected: Known) -> list[ottl.Statement]:
    """What a metric is counted by is no person's, where its name is one that metrics have: those are left, and the others go."""
    fields = [each for each in protected.fields if not any(re.search(_key([each]), key) for key in (*STANDARD, *LABELS))]
    return [ottl.do("delete_matching_keys", "datapoint.attributes", ottl.quoted(_key(fields)))] if fields else []


def _key(fields: Iterable[str]) -> str:
    """A name as a whole, or as a part of a dotted one."""
    return rf"(?i)(?:^|\.)(?:{'|'.join(_spelt(fields))})(?:\.|$)"


def _spelt(fields: Iterable[str]) -> list[str]:
    """Names as programs spell them: `shipTo`, `ship_to`, `SHIP-TO`; those that no program can spell so also as they are."""
    found: set[str] = set()
    for each in fields:
        pattern = "[-_ ]?".join(part for word in names.words(each) for part in NUMBERED.split(word))
        found |= {pattern} if pattern and re.fullmatch(pattern, each, re.IGNORECASE) else {escape(each), *([pattern] if pattern else [])}
    return sorted(found)


def _headers(graph: Graph) -> str:
    """Credentials of the web, and the keys of the contract's own schemes."""
    own = {each.header.lower() for each in graph.schemes.values() if each.header is not None}
    headers = "|".join(escape(each).replace("-", "[-_]") for each in sorted({*CREDENTIALS, *own}))
    return rf"(?i){CARRIERS}(?:{headers})$"


def _queries(graph: Graph) -> dict[str, Any]:
    """What a query asks for is in its literals; each language has a sanitizer of its own."""
    return {name: {"enabled": True, "attributes": [QUERY]} for name, systems in SANITIZERS.items() if systems & _engines(graph)}


def _engines(graph: Graph) -> set[str]:
    """As db.system.name spells them."""
    return {signals.DATABASES.get(each.store.kind, each.store.kind) for each in graph.accesses}


# --- within texts -----------------------------------------------------------------------------------------------------


def of_spans(protected: Known) -> dict[str, Any] | None:
    """A processor for queries of addresses, messages of errors, and whatever else quotes a protected value by its name."""
    spans = [
        *_unreadable(protected.graph),
        *_in_attributes(protected, "span.attributes"),
        *_in_text(protected, "span.status.message"),
        *_in_text(protected, "span.name"),
        *_in_paths(protected),
    ]
    groups = [*_group(spans), *_group(_in_attributes(protected, "spanevent.attributes"))]
    return {"error_mode": "ignore", "trace_statements": groups} if groups else None


def of_logs(protected: Known) -> dict[str, Any]:
    """The same for log records."""
    text = [f"{each} where IsString(log.body)" for each in _in_text(protected, "log.body")]
    return {"error_mode": "ignore", "log_statements": _group([*_in_attributes(protected, "log.attributes"), *text])}


def flattening() -> dict[str, Any]:
    """A processor that makes attributes of what lies within attributes, so that it is found by its name."""
    return {"error_mode": "ignore", "log_statements": _group([ottl.do("flatten", "log.attributes")])}


def _group(statements: Sequence[ottl.Statement]) -> list[dict[str, Any]]:
    return [{"statements": list(statements)}] if statements else []


def _unreadable(graph: Graph) -> list[ottl.Statement]:
    """Queries in a language that is not sanitized are not sent on at all."""
    if not graph.accesses:
        return []
    read = sorted({each for systems in SANITIZERS.values() if systems & _engines(graph) for each in systems})
    query = ottl.attribute(QUERY)
    where = f"not {ottl.matches(ottl.attribute('db.system.name'), ottl.whole(read))}" if read else ottl.is_there(query)
    return [ottl.do("delete_key", "span.attributes", ottl.quoted(QUERY), where=where)]


def _in_attributes(protected: Known, attributes: ottl.Expression) -> list[ottl.Statement]:
    if not protected.fields:
        return []
    return [ottl.do("replace_all_patterns", attributes, ottl.quoted("value"), ottl.quoted(_quoting(protected)), ottl.quoted(MASKED))]


def _in_text(protected: Known, target: ottl.Expression) -> list[ottl.Statement]:
    return [ottl.do("replace_pattern", target, ottl.quoted(_quoting(protected)), ottl.quoted(MASKED))] if protected.fields else []


def _quoting(protected: Known) -> str:
    """A name, what joins it to its value, and the value: `email=a@b`, `"email": "a@b"`, `filter%5Bemail%5D=a@b`."""
    spelt = _spelt(protected.fields)
    words = "|".join(each for each in spelt if WORD.match(each))
    bound = [rf"(?:\b|%[0-9A-Fa-f][0-9A-Fa-f])(?:{words})"] if words else []
    name = "|".join([*bound, *(each for each in spelt if not WORD.match(each))])
    joined = r"""["'\]]?(?:%5[Dd])?\s*(?:=|:|%3[AaDd])\s*"""
    value = r"""(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s&,;)}\]"'#]+)"""
    return f"((?i:{name}){joined}){value}"


def _in_paths(protected: Known) -> Iterator[ottl.Statement]:
    """Protected parameters of paths; a template of a path has braces, colons or angles in their place, and stays as it is."""
    for prefixes in _prefixes(protected):
        pattern = rf"((?:^|[^:/])(?:{'|'.join(prefixes)}))[^/?#\s{{:<*][^/?#\s]*"
        for target in (ottl.attribute("url.path"), ottl.attribute("url.full"), "span.name"):
            where = ottl.is_there(target) if target != "span.name" else None
            yield ottl.do("replace_pattern", target, ottl.quoted(pattern), ottl.quoted(MASKED), where=where)


def _prefixes(protected: Known) -> list[list[str]]:
    """Patterns of what stands before a protected parameter in a path; those with fewer parameters before them first."""
    found: dict[int, set[str]] = {}
    for interface in protected.graph.interfaces:
        for method in interface.http_methods:
            parts = re.split(r"\{([^{}]*)\}", interface.path(method))
            for number in range(1, len(parts), 2):
                if parts[number] in protected.fields:
                    prefix = r"[^/?#\s]+".join(escape(each) for each in parts[:number:2])
                    found.setdefault(number, set()).add(prefix)
    return [sorted(found[number]) for number in sorted(found)]
