"""Rate limits of what a component lets in: Envoy's local rate limit, a bucket for each user, client or address, in each instance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from generator import placement
from generator.emit.istio.objects import Manifest, duration, manifest, without_repeats
from generator.graph import Graph
from generator.model import Component, RateLimit

LOCAL_RATE_LIMIT = "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit"
MOST_BUCKETS = 10_000
"""Users, clients or addresses that an instance remembers; the one seen least recently is forgotten first."""
LATE = 10
"""After the patches of others, so that what this one is put before is there."""
WHOLE = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}


def filters(graph: Graph, mode: str) -> Iterator[Manifest]:
    """Istio has no object of its own for this; a waypoint takes no such filter."""
    for component in placement.deployed(graph):
        limits = [each for each in component.rate_limits if each.by is not None]
        is_gateway = placement.is_gateway(component)
        if limits and (is_gateway or mode == "sidecar"):
            context = "GATEWAY" if is_gateway else "SIDECAR_INBOUND"
            spec = {
                "workloadSelector": {"labels": placement.selector(graph, component)},
                "priority": LATE,
                "configPatches": [_patch(component, limits, context)],
            }
            because = without_repeats([component.at, *(each.at for each in limits)])
            path, name = f"{component.name}/envoy-filter-rate-limit.yaml", f"{component.name}-rate-limit"
            yield manifest(graph, path, "networking.istio.io/v1alpha3", "EnvoyFilter", name, spec, because)


def _patch(component: Component, limits: list[RateLimit], context: str) -> dict[str, Any]:
    """Before the router, so that tokens have been checked; enabled and enforced, which the filter is not by itself."""
    config = {
        "@type": LOCAL_RATE_LIMIT,
        "stat_prefix": component.name,
        "filter_enabled": WHOLE,
        "filter_enforced": WHOLE,
        "max_dynamic_descriptors": MOST_BUCKETS,
        "rate_limits": [{"actions": [_action(each)]} for each in limits],
        "descriptors": [
            {"entries": [{"key": each.name if each.by != "address" else "remote_address"}], "token_bucket": _bucket(each)}
            for each in limits
        ],
    }
    manager = {"name": "envoy.filters.network.http_connection_manager", "subFilter": {"name": "envoy.filters.http.router"}}
    return {
        "applyTo": "HTTP_FILTER",
        "match": {"context": context, "listener": {"filterChain": {"filter": manager}}},
        "patch": {"operation": "INSERT_BEFORE", "value": {"name": "envoy.filters.http.local_ratelimit", "typed_config": config}},
    }


def _action(limit: RateLimit) -> dict[str, Any]:
    """What requests are counted by: a claim of the checked token, a header, or the address they come from."""
    assert limit.by is not None
    what, _, name = limit.by.partition(":")
    if what == "claim":
        path = [{"key": "payload"}, *({"key": part} for part in name.split("."))]
        return {"metadata": {"descriptor_key": limit.name, "metadata_key": {"key": "envoy.filters.http.jwt_authn", "path": path}}}
    if what == "header":
        return {"request_headers": {"header_name": name.lower(), "descriptor_key": limit.name}}
    return {"remote_address": {}}


def _bucket(limit: RateLimit) -> dict[str, Any]:
    """The bucket holds the burst."""
    count, period = limit.rate.whole
    return {"max_tokens": max(count, limit.burst or 0), "tokens_per_fill": count, "fill_interval": duration(period)}
