"""What a component must send, on one page for those who write it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from generator import auditing, instrumentation, placement, signals
from generator.emit.telemetry import instruments, sampling
from generator.emit.telemetry.scrubbing import Known
from generator.graph import Graph
from generator.text import markdown_code, markdown_table, markdown_text


def page(protected: Known, header: str) -> str:
    """Markdown: what is sent, how an SDK is told to, and what becomes of it."""
    graph = protected.graph
    parts = [*_introduction(graph), *_spans(graph, has_audit=protected.has_audit), *_variables(graph), *_fate(protected)]
    return "\n".join([f"<!-- {header} -->", *parts]) + "\n"


def _introduction(graph: Graph) -> Iterator[str]:
    title = markdown_text(graph.system.header.title or graph.name)
    yield f"# What the components of {title} send\n"
    yield "Every component sends its traces, metrics and logs by OTLP to the collector of its environment, with an OpenTelemetry SDK."
    yield "Names are those of OpenTelemetry's semantic conventions; `instruments.yaml` has each span and metric of each component.\n"


def _spans(graph: Graph, *, has_audit: bool) -> Iterator[str]:
    rows = [row for row in _rows(graph) if row[2]]
    yield "## Spans\n"
    yield markdown_table(("Kind", "For each", "Attributes that are read"), [row[:2] + row[3:] for row in rows])
    yield "A path is the whole template with the parameters in braces, as the contract has it: `/orders/{orderId}`."
    yield "A span that failed has the status error. Whom a client span asked is found by its `server.address`:"
    yield "the name of the Service, or the host of a third party, as the component was configured with it.\n"
    if signals.breakers(graph):
        yield "## Circuit breakers\n"
        yield f"Each is a gauge {markdown_code(instruments.BREAKER)}, 1 for the state that it is in and 0 for the others, with the attributes"
        yield "`name` (its name in the configuration of resilience4j) and `state`; Micrometer records it so by itself.\n"
    if has_audit:
        name, value = auditing.MARK
        yield "## Audit records\n"
        yield f"They are log records with the attribute {markdown_code(f'{name}: {value}')}, and go to a store of their own.\n"


def _rows(graph: Graph) -> Iterator[tuple[str, str, bool, str]]:
    served = signals.served(graph)
    by_http = any(each.protocol == "http" for each in served)
    by_grpc = any(each.protocol == "grpc" for each in served)
    yield "server", "HTTP request that is answered", by_http, _codes("http.request.method", "http.route", "http.response.status_code")
    yield "server", "gRPC call that is answered", by_grpc, _codes("rpc.system.name", "rpc.method", "rpc.response.status_code")
    edges = signals.dependencies(graph)
    yield "client", "call of another component, third party or store", bool(edges), _codes("server.address", "and those of its protocol")
    sent, read = signals.publications(graph), signals.consumptions(graph)
    yield "producer", "message that is sent", bool(sent), _codes("messaging.operation.type", "messaging.destination.name")
    names = ("messaging.operation.type", "messaging.destination.name", "messaging.consumer.group.name")
    yield "consumer", "message that is handled", bool(read), _codes(*names)


def _codes(*names: str) -> str:
    return ", ".join(markdown_code(each) if " " not in each else each for each in names)


def _variables(graph: Graph) -> Iterator[str]:
    """As the kind kubernetes sets them."""
    environments = graph.system.document.environments
    if not environments:
        return
    yield "## How an SDK is configured\n"
    yield "By the variables of OpenTelemetry's specification; in the cluster they are set already."
    yield f"There {markdown_code('OTEL_SERVICE_NAME')} is the component, and {markdown_code('OTEL_RESOURCE_ATTRIBUTES')}"
    yield f"is {markdown_code(instrumentation.resource_attributes(graph))}.\n"
    known = {each.name: instrumentation.of_environment(graph, each) for each in environments}
    names = [*next(iter(known.values()))]
    rows = [[markdown_code(name), *(markdown_code(values[name]) for values in known.values())] for name in names]
    yield markdown_table(("Variable", *known), rows)
    yield "Every span is sent: the collector counts all of them, and only then drops the traces that are not kept.\n"


def _fate(protected: Known) -> Iterator[str]:
    yield "## What becomes of it\n"
    yield from (f"- {each}" for each in _facts(protected))


def _facts(protected: Known) -> Iterable[str]:
    graph = protected.graph
    traces = signals.observability(graph).traces
    share = traces.sample
    if share is None or share.value >= 100:
        yield "All traces are kept."
    elif sampling.is_by_trace(graph):
        yield f"Traces with an error are kept, and {share} of the others."
    else:
        yield f"{share} of the traces are kept."
    yield "An answer that the caller is to blame for, HTTP 4xx or such a gRPC status as `NOT_FOUND`, is no failure in metrics."
    if protected.fields:
        yield "Attributes that are called as a protected field of the contract are masked, and so are such fields within texts."
    if any(placement.is_envoy(graph, each) for each in graph.components):
        yield "Gateways are the mesh's own proxies: it sends their spans, once `mesh-config.yaml` of the environment is part of its configuration."
