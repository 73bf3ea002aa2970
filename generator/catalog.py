"""The list: every artifact kind, and the tools that must accept it."""

from __future__ import annotations

from generator.artifact import Kind
from generator.emit import asyncapi, clients, istio, kubernetes, messages, openapi, proto, resilience
from generator.prove import (
    asyncapi_parser,
    asyncapi_schema,
    buf_format,
    buf_lint,
    circuit_breakers,
    connectivity,
    istio_analyze,
    istio_check,
    istioctl_analyze,
    json_schema,
    kube_score,
    kubeconform,
    kubernetes_validate,
    kustomize,
    openapi_examples,
    openapi_spec,
    proto_json,
    protoc,
    python_import,
    redocly,
)

KINDS: tuple[Kind, ...] = (
    Kind("openapi", "OpenAPI 3.1 document of each HTTP interface", openapi.emit, (openapi_spec, openapi_examples, redocly)),
    Kind(
        "proto",
        "proto3 module (buf v2) of the gRPC interfaces and protobuf messages",
        proto.emit,
        (protoc, buf_lint, buf_format, proto_json),
    ),
    Kind("messages", "JSON Schema of each message, and the event catalogue", messages.emit, (json_schema,)),
    Kind(
        "asyncapi",
        "AsyncAPI 3.0 document of each component that sends or receives",
        asyncapi.emit,
        (asyncapi_schema, asyncapi_parser, redocly),
    ),
    Kind("resilience", "circuit breakers of each consumer, as data and for resilience4j", resilience.emit, (circuit_breakers,)),
    Kind(
        "kubernetes",
        "kustomize base, and an overlay for each environment",
        kubernetes.emit,
        (kubernetes_validate, kubeconform, kustomize, kube_score, connectivity),
    ),
    Kind(
        "istio",
        "mesh configuration, and an overlay for each environment",
        istio.emit,
        (kubeconform, istio_check, kustomize, istioctl_analyze, istio_analyze, connectivity),
        judged_with=("kubernetes",),
    ),
    Kind("clients", "Pydantic models of each interface and message, as a package", clients.emit, (python_import,), is_slow=True),
)
