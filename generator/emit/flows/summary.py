"""The facts of a flow in one page of YAML inside a ConfigMap: for people, and for tools that show what runs."""

from __future__ import annotations

from typing import Any

from generator import connections, names
from generator.beam import checking, reading
from generator.beam.steps import seconds
from generator.diagnostics import At
from generator.graph import Graph, Pipeline, PipelineSource, PipelineTarget
from generator.kustomization import MANAGED
from generator.text import generated_by, to_yaml


def text(graph: Graph, pipeline: Pipeline, sources: tuple[At, ...]) -> str:
    labels = {"app.kubernetes.io/name": pipeline.component.name, "app.kubernetes.io/part-of": graph.name, **MANAGED}
    data = {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": names.kebab(f"{pipeline.component.name}-{pipeline.flow.name}-config")[:253], "labels": labels},
        "data": {"pipeline.yaml": to_yaml(facts(graph, pipeline))},
    }
    return to_yaml(data, generated_by(graph.name, sources[:1]))


def facts(graph: Graph, pipeline: Pipeline) -> dict[str, Any]:
    """Names, sources, transformations, destinations, schedule and monitoring; connections are names of variables."""
    described = pipeline.flow.summary or pipeline.flow.title
    found: dict[str, Any] = {"name": pipeline.id, **({"description": described} if described else {})}
    found["sources"] = [_source(graph, pipeline, each) for each in sorted(pipeline.sources, key=lambda each: each.source.name)]
    found["transformations"] = _transformations(pipeline)
    found["destinations"] = [_destination(graph, each) for each in sorted(pipeline.targets, key=lambda each: each.destination.name)]
    if pipeline.schedule is not None:
        zone = {"timezone": pipeline.timezone} if pipeline.timezone else {}
        found["schedule"] = {"type": "cron", "expression": pipeline.schedule, **zone}
    found["monitoring"] = _monitoring(graph, pipeline)
    return found


def _source(graph: Graph, pipeline: Pipeline, source: PipelineSource) -> dict[str, Any]:
    found: dict[str, Any] = {"name": source.source.name}
    if source.topic is not None:
        group = reading.group(pipeline.component, source)
        return found | {
            "type": connections.BROKER,
            "connection": f"${{{connections.BROKER_ADDRESSES}}}",
            "topic": source.topic.address,
            "group": group,
        }
    assert source.access is not None
    found |= {"type": source.access.store.kind, "connection": f"${{{connections.store_variable(graph, source.access)}}}"}
    found |= {"query": source.source.query} if source.source.query else {"table": source.source.table}
    return found | ({"watermark": source.source.watermark} if source.source.watermark else {})


def _transformations(pipeline: Pipeline) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if pipeline.flow.checks:
        rules = [{"field": each.field, "rule": each.rule, "otherwise": checking.otherwise(pipeline, each)} for each in pipeline.flow.checks]
        found.append({"name": "data-validation", "type": "validation", "rules": rules})
    if pipeline.lookups:
        asked = [
            {
                "field": each.enrichment.name,
                "source": each.call.target if each.call else each.table.id if each.table else "",
                "key": ", ".join(checking.asked_with(each)),
            }
            for each in sorted(pipeline.lookups, key=lambda each: each.enrichment.name)
        ]
        found.append({"name": "data-enrichment", "type": "enrichment", "enrichments": asked})
    if pipeline.flow.mapping:
        fields = sorted(each.name for each in pipeline.flow.mapping)
        found.append({"name": "data-mapping", "type": "mapping", "specification": "mapping.json", "fields": fields})
    return found


def _destination(graph: Graph, target: PipelineTarget) -> dict[str, Any]:
    found: dict[str, Any] = {"name": target.destination.name}
    if target.topic is not None:
        return found | {"type": connections.BROKER, "connection": f"${{{connections.BROKER_ADDRESSES}}}", "topic": target.topic.address}
    assert target.access is not None
    found |= {"type": target.access.store.kind, "connection": f"${{{connections.store_variable(graph, target.access)}}}"}
    if target.table is not None:
        key = {"key": ", ".join(target.key)} if target.key else {}
        return found | {"table": target.table.table.name, "mode": target.destination.mode, **key}
    found["key_pattern"] = target.destination.entry
    return found | ({"ttl": seconds(target.destination.ttl)} if target.destination.ttl else {})


def _monitoring(graph: Graph, pipeline: Pipeline) -> dict[str, Any]:
    thresholds = pipeline.flow.thresholds
    found: dict[str, Any] = {}
    if thresholds.success_rate is not None:
        found["success_rate_threshold"] = float(thresholds.success_rate.value / 100)
    for name, value in (("latency_threshold", thresholds.run_time), ("freshness_threshold", thresholds.freshness)):
        if value is not None:
            found[name] = seconds(value)
    owner = graph.owner(graph.team(pipeline.component))
    channels = [{"email": owner.email}] if owner.email else []
    channels += [{"slack": owner.chat}] if owner.chat else []
    return {**found, "alert_channels": channels, "team": owner.name}
