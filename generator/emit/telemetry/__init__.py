"""OpenTelemetry: the collector of each environment, and the catalogue of what each component sends to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath

from generator import instrumentation, network, placement
from generator.artifact import Artifact
from generator.diagnostics import At
from generator.emit.telemetry import collector, instruments, manifests, page, scrubbing
from generator.emit.telemetry.scrubbing import Known
from generator.graph import Graph
from generator.kustomization import file
from generator.model import Environment
from generator.text import generated_by, to_yaml

FOLDER = "kubernetes"


def emit(graph: Graph) -> Iterator[Artifact]:
    """The catalogue for every system; a collector for each environment, with its manifests where the contract says how to run the system."""
    header = generated_by(graph.name, (graph.system.header.at,))
    protected = scrubbing.known(graph)
    sources = (graph.system.header.at, *instruments.sources(graph))
    yield Artifact(PurePosixPath("instruments.yaml"), to_yaml(instruments.catalogue(graph), header), sources)
    yield Artifact(PurePosixPath("instruments.md"), page.page(protected, header), sources)
    for environment in graph.system.document.environments:
        yield from _environment(protected, environment, sources)


def _environment(protected: Known, environment: Environment, measured: tuple[At, ...]) -> Iterator[Artifact]:
    graph = protected.graph
    folder = PurePosixPath(environment.name)
    sources = (environment.at, graph.system.header.at)
    header = f"{generated_by(graph.name, sources[:1])}\n{_explained(protected)}"
    text = to_yaml(collector.configuration(graph, environment, protected), header)
    yield Artifact(folder / manifests.CONFIGURATION, text, (*sources, *scrubbing.sources(protected), *measured))
    if not placement.deployed(graph):
        return
    for name, manifest in manifests.objects(graph, environment):
        text = to_yaml(manifest, f"{generated_by(graph.name, sources[:1])}\n{manifests.note(graph, name)}")
        yield Artifact(folder / FOLDER / name, text, sources)
    yield file(graph, folder / "kustomization.yaml", manifests.kustomization(graph, environment, FOLDER), sources)
    if environment.mesh != "none" and network.gateways(graph):
        text = to_yaml(manifests.mesh_configuration(environment), f"{generated_by(graph.name, sources[:1])}\n{FOR_THE_MESH}")
        yield Artifact(folder / "mesh-config.yaml", text, sources)


def _explained(protected: Known) -> str:
    """What a reader must know before the rest; there is no other place for comments."""
    audit = AUDIT if protected.has_audit else ""
    return "\n".join(filter(None, (LISTENS, BRANCHES, FAULTS, audit, IN_CLUSTER)))


LISTENS = f"""
It listens on the address in {instrumentation.LISTENING} alone: the pod's own in a cluster, 127.0.0.1 on one machine."""
BRANCHES = """\
Spans are taken once (traces/in, where memory is limited) and go two ways: all of them are counted (traces/measured), and those
that are kept are masked and sent on (traces/kept). So what is refused is refused as a whole, and nothing is counted twice."""
FAULTS = """\
Counted as failed is what has the status error, but not an answer that the caller is to blame for."""
AUDIT = """\
Audit records have a tenant of their own in the store of logs, kept for as long as they must be; none of them goes to the other one."""
IN_CLUSTER = """\
Nothing is encrypted to the stores: within the cluster that is the network's and the mesh's task."""
FOR_THE_MESH = """
What the owner of the mesh adds to its configuration (MeshConfig of Istio), so that the spans of gateways reach the collector."""
