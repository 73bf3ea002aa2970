"""Shorter waits in a copy of the manifests: each route and rule by a factor of its own, which the contract gives and not the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from generator.emit.istio.objects import duration
from generator.live.mesh import Object
from generator.live.ways import Way
from generator.units import Duration

LONGEST = Duration(2000)
"""A wait of more is shortened to this."""
LONGEST_EJECTION = Duration(3000)
"""So is the time for which an instance is left out: Envoy looks once a second at who may come back."""
UNITS = {"h": 3_600_000, "m": 60_000, "s": 1000, "ms": 1}
Factors = Mapping[tuple[str, str], Fraction]


def factor(of: Duration | None, longest: Duration, *, shorten: bool) -> Fraction:
    """What a wait is multiplied with."""
    if of is None or not shorten or of.milliseconds <= longest.milliseconds:
        return Fraction(1)
    return Fraction(longest.milliseconds, of.milliseconds)


def stretched(ways: Iterable[Way]) -> dict[tuple[str, str], Fraction]:
    """A factor for each route by which no try and no wait ends in less than the longest wait, however busy the machine is."""
    shortest = {each.route: min(filter(None, (each.policy.per_try, each.policy.timeout)), default=None) for each in ways}
    return {route: max(Fraction(1), _to_longest(of)) for route, of in shortest.items()}


def alike(ways: Iterable[Way]) -> dict[tuple[str, str], Fraction]:
    """A factor for each route by which its timeout is the longest wait."""
    return {each.route: _to_longest(each.policy.timeout) for each in ways}


def _to_longest(of: Duration | None) -> Fraction:
    return Fraction(LONGEST.milliseconds, of.milliseconds) if of is not None else Fraction(1)


def of_routes(ways: Iterable[Way], *, shorten: bool) -> dict[tuple[str, str], Fraction]:
    """The factor of each route, by the names of the route and of its match: by it the longest that a caller waits is the longest wait."""
    waits = {each.route: Duration(round(1000 * each.wait()[1])) for each in ways if each.policy.timeout is not None}
    return {each.route: factor(waits.get(each.route), LONGEST, shorten=shorten) for each in ways}


def scaled(text: Any, by: Fraction) -> Any:
    """A duration as Istio has it; what is none stays."""
    parts = re.findall(r"([\d.]+)(ms|h|m|s)", text) if isinstance(text, str) and by != 1 else []
    if not parts:
        return text
    return duration(Duration(max(1, round(sum(Fraction(number) * UNITS[unit] for number, unit in parts) * by))))


def routes(objects: Iterable[Object], factors: Factors) -> None:
    """Timeouts, timeouts of tries, waits between them, and delays that are injected."""
    for each in objects:
        if each["kind"] == "VirtualService":
            for route in each["spec"].get("http", ()):
                names = [(route.get("name", ""), match.get("name", "")) for match in route.get("match", ())]
                by = next((factors[name] for name in names if name in factors), Fraction(1))
                for holder, key in _durations(route):
                    if key in holder:
                        holder[key] = scaled(holder[key], by)


def _durations(route: Object) -> Iterable[tuple[Object, str]]:
    yield route, "timeout"
    yield route.get("retries", {}), "perTryTimeout"
    yield route.get("retries", {}), "backoff"
    yield route.get("fault", {}).get("delay", {}), "fixedDelay"


def ejections(objects: Iterable[Object], factors: Mapping[str, Fraction]) -> None:
    """How long instances are left out, by the names of DestinationRules."""
    for detection, name in _detections(objects):
        detection["baseEjectionTime"] = scaled(detection.get("baseEjectionTime"), factors.get(name, Fraction(1)))


def without_ejections(objects: Iterable[Object]) -> None:
    """No instance is left out."""
    for policy, _ in _policies(objects):
        policy.pop("outlierDetection", None)


def without_limits(objects: list[Object]) -> None:
    """Nobody is held up by how much is asked."""
    objects[:] = [each for each in objects if each["kind"] != "EnvoyFilter"]


def without_bounds(objects: Iterable[Object]) -> None:
    """As many requests may be under way as there are."""
    for policy, _ in _policies(objects):
        policy.pop("connectionPool", None)


def _policies(objects: Iterable[Object]) -> Iterable[tuple[Object, str]]:
    """Traffic policies, by the names of their DestinationRules."""
    for each in objects:
        if each["kind"] == "DestinationRule":
            yield each["spec"].get("trafficPolicy", {}), each["metadata"]["name"]


def _detections(objects: Iterable[Object]) -> Iterable[tuple[Object, str]]:
    for policy, name in _policies(objects):
        if policy.get("outlierDetection") is not None:
            yield policy["outlierDetection"], name


def of_one_instance(objects: Iterable[Object]) -> None:
    """Of every workload one instance, which may be left out."""
    for each in objects:
        if each["kind"] == "HorizontalPodAutoscaler":
            each["spec"]["minReplicas"] = 1
        elif isinstance(each.get("spec", {}).get("replicas"), int):
            each["spec"]["replicas"] = 1
    for detection, _ in _detections(objects):
        if detection.get("maxEjectionPercent"):
            detection["maxEjectionPercent"] = 100
