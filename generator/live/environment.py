"""One environment's mesh, proven in variants, so that no promise hides another: without limits, with them, with one instance of each workload, without breakers, with faults."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath

from generator.graph import Graph
from generator.live import access, breakers, faults, limits, shortening, waiting
from generator.live.lab import LabFailed
from generator.live.mesh import Object
from generator.live.observation import Observation
from generator.live.stage import Change, NotBuilt, Stage, manifests, staged
from generator.live.ways import Way, ways
from generator.model import Environment

ACCESS = ("calls", "identities", "tokens", "egress", "way in")
FAMILIES = (*ACCESS, "limits", "breakers", "timeouts", "retries", "faults")
UNMESHED = {
    "ambient": "its mesh is ambient: traffic is redirected by the node, which is no part of this machine",
    "none": "it has no mesh",
}


@dataclass(frozen=True)
class Run:
    """What is to be proven of one environment, and how."""

    graph: Graph
    environment: Environment
    output: Path
    wanted: Collection[str]
    """Families."""
    shorten: bool
    """Waits of more than a few seconds are shortened in the copy that is run."""
    keep: Path | None
    """Folder for the objects as they are run."""
    told: Callable[[str], None]

    def observe(self) -> Iterator[Observation]:
        """What running the environment's files shows; an overlay that cannot be run breaks every promise, and says so once."""
        environment = self.environment
        if environment.mesh != "sidecar":
            promise = f"the mesh of {environment.name} does what the contract says"
            yield Observation("calls", environment.name, environment.at, promise, UNMESHED[environment.mesh], "not proven")
            return
        try:
            yield from self._without_limits()
            yield from self._with_limits()
            yield from self._of_one_instance()
            yield from self._in_time()
            yield from self._again()
            yield from self._with_faults()
        except (NotBuilt, LabFailed) as reason:
            promise = f"the files of {environment.name} are taken by Istio and Envoy"
            yield Observation("calls", environment.name, environment.at, promise, str(reason), "broken")

    @cached_property
    def _ways(self) -> Sequence[Way]:
        return tuple(ways(self.graph, self.environment))

    @cached_property
    def _pairs(self) -> Sequence[breakers.Pair]:
        return breakers.pairs(self._ways)

    @cached_property
    def _objects(self) -> list[Object]:
        return manifests(self.output, PurePosixPath("istio/overlays") / self.environment.name)

    def _wants(self, *families: str) -> bool:
        return not set(families).isdisjoint(self.wanted)

    def _without_limits(self) -> Iterator[Observation]:
        if self._wants(*ACCESS, "breakers"):
            with self._staged("calls and refusals", self._objects, shortening.without_limits) as stage:
                yield from (each for each in access.observe(stage, self._ways) if each.family in self.wanted)
                if self._wants("breakers"):
                    yield from breakers.all_left_out(stage, self._pairs)

    def _with_limits(self) -> Iterator[Observation]:
        if self._wants("limits") and any(each.rate_limits for each in self.graph.components):
            with self._staged("limits", self._objects, shortening.without_bounds) as stage:
                yield from limits.limits(stage, self._ways)

    def _of_one_instance(self) -> Iterator[Observation]:
        factors = {each.rule: each.factor(shorten=self.shorten) for each in self._pairs}

        def change(copy: list[Object]) -> None:
            shortening.without_limits(copy)
            shortening.of_one_instance(copy)
            shortening.ejections(copy, factors)

        if self._wants("breakers") and self._pairs:
            with self._staged("breakers", self._objects, change) as stage:
                yield from breakers.breakers(stage, self._pairs, shorten=self.shorten)

    def _in_time(self) -> Iterator[Observation]:
        if self._wants("timeouts") and self._ways:
            factors = shortening.of_routes(self._ways, shorten=self.shorten)
            with self._staged("timeouts", self._objects, self._patient(factors)) as stage:
                yield from waiting.timeouts(stage, self._ways, factors)

    def _again(self) -> Iterator[Observation]:
        if self._wants("retries") and self._ways:
            with self._staged("retries", self._objects, self._patient(shortening.stretched(self._ways))) as stage:
                yield from waiting.retries(stage, self._ways)

    def _with_faults(self) -> Iterator[Observation]:
        if self._wants("faults") and self.environment.faults:
            factors = shortening.alike(self._ways)
            objects = manifests(self.output, PurePosixPath("istio/faults") / self.environment.name)
            with self._staged("faults", objects, self._patient(factors)) as stage:
                yield from faults.faults(stage, self._ways, factors)

    def _patient(self, factors: shortening.Factors) -> Change:
        """Without what else ends a call; the waits of each route by its factor."""

        def change(copy: list[Object]) -> None:
            shortening.without_limits(copy)
            shortening.without_bounds(copy)
            shortening.without_ejections(copy)
            shortening.routes(copy, factors)

        return change

    def _staged(self, what: str, objects: Sequence[Object], change: Change) -> AbstractContextManager[Stage]:
        self.told(f"{self.environment.name}: {what}")
        keep = self.keep / f"{self.environment.name}, {what}.yaml".replace(", ", "-").replace(" ", "-") if self.keep is not None else None
        return staged(self.graph, self.environment, objects, change, keep)
