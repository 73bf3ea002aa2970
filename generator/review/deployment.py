"""What runs can be deployed, scaled, probed and reached: images, replicas, probes, hosts, ports."""

from __future__ import annotations

import re
from collections.abc import Iterator

from generator import placement
from generator.diagnostics import At, Diagnostic, Severity
from generator.graph import Graph, Interface, Method
from generator.model import Component, Runtime
from generator.review.schemas import did_you_mean

MESH_PORTS = range(15000, 15091)
"""Istio's own, in every pod of a mesh (Istio, ports used by Istio)."""
CRON_FIELD = r"(\*|[A-Za-z0-9]+(-[A-Za-z0-9]+)?)(/\d+)?"
CRON = re.compile(rf"{CRON_FIELD}(,{CRON_FIELD})*")


def settled(graph: Graph) -> frozenset[str]:
    """The places of the contract that an open question will fill in: what is missing there is known to be missing."""
    return frozenset(place for question in graph.system.document.open_questions for place in question.settles)


def _running(graph: Graph) -> Iterator[tuple[Component, Runtime]]:
    return ((each, each.runtime) for each in graph.components if each.runtime is not None)


def images(graph: Graph) -> Iterator[Diagnostic]:
    """`unversioned-image`: an image without version or digest, or with the tag latest: nobody knows what runs, or what ran yesterday.

    Two instances of one component may differ, and to go back to what worked there is nothing to name.

        runtime: {image: registry.example.com/orders}

    Fix: add a version, such as `registry.example.com/orders:1.4.0`, or the digest.
    """
    for component, runtime in _running(graph):
        if runtime.image is None:
            continue
        name, _, digest = runtime.image.partition("@")
        tag = name.rpartition("/")[2].partition(":")[2]
        if not digest and tag in ("", "latest"):
            trouble = "no version" if not tag else 'the moving version "latest"'
            message = f"the image of {component.name} has {trouble}"
            yield Diagnostic(
                "unversioned-image", runtime.at["image"], message, f'such as "{name.removesuffix(":latest")}:1.0.0", or its digest'
            )


def replicas(graph: Graph) -> Iterator[Diagnostic]:
    """`impossible-replicas`: fewer instances at most than at least.

    Kubernetes refuses the autoscaler, and the component stays at whatever it has.

        runtime: {replicas: {min: 5, max: 3}}

    Fix: let `max` be as much as `min` or more.
    """
    for component, runtime in _running(graph):
        count = runtime.replicas
        if count is not None and count.max is not None and count.max < count.min:
            message = f"{component.name} runs at least {count.min} and at most {count.max} times"
            yield Diagnostic("impossible-replicas", count.at["max"], message, f"max: {count.min} or more")


def scaling(graph: Graph) -> Iterator[Diagnostic]:
    """`scaling-without-requests`, `scaling-without-range`: the autoscaler has nothing to compare the use with, or nowhere to go.

    Utilisation is a share of what is requested (Kubernetes, HorizontalPodAutoscaler).

        runtime: {replicas: {min: 2, max: 6}, scale_on: {cpu: 70%}}

    Fix: request what is scaled on, as in `requests: {cpu: 100m}`, and say `replicas` with a `max` above `min`; or leave `scale_on` out.
    """
    for component, runtime in _running(graph):
        if runtime.scale_on is None:
            continue
        for what, share in (("cpu", runtime.scale_on.cpu), ("memory", runtime.scale_on.memory)):
            requested = getattr(runtime.requests, what) if runtime.requests else None
            if share is not None and requested is None:
                message = f"{component.name} scales on {what}, and requests none"
                yield Diagnostic("scaling-without-requests", runtime.scale_on.at[what], message, f"requests: {{{what}: …}}")
        count = runtime.replicas
        if count is None or count.max is None or count.max == count.min:
            message = f"{component.name} scales, and may not have more instances than it starts with"
            yield Diagnostic("scaling-without-range", runtime.scale_on.at.span, message, "replicas: {min: 2, max: 6}")


def resources(graph: Graph) -> Iterator[Diagnostic]:
    """`unbounded-resources` (warning): nothing says how much CPU and memory an instance needs, or may take from its neighbours.

    Without requests the scheduler packs a node too full; without limits one leak of memory ends everything beside it.

        runtime: {image: "registry.example.com/orders:1.0.0"}

    Fix: say `requests: {cpu: 100m, memory: 128Mi}`, and `limits` likewise.
    """
    for component, runtime in _running(graph):
        missing = placement.unbounded(runtime)
        if runtime.image is not None and missing:
            message = f"nothing says {', '.join(missing)} of {component.name}"
            help = "requests: {cpu: 100m, memory: 128Mi} and limits: likewise"
            yield Diagnostic("unbounded-resources", runtime.at.span, message, help, Severity.WARNING)


def ports(graph: Graph) -> Iterator[Diagnostic]:
    """`reserved-port`: the mesh's proxy listens there itself.

    The container or the proxy fails to listen, and the pod never becomes ready.

        environments: {production: {mesh: sidecar}}
        runtime: {ports: {http: 15001}}

    Fix: choose a port outside of 15000 to 15090, such as 8080.
    """
    if all(each.mesh == "none" for each in graph.system.document.environments):
        return
    for component, runtime in _running(graph):
        for port in runtime.ports:
            if placement.pod_port(port) in MESH_PORTS:
                message = (
                    f"port {placement.pod_port(port)} of {component.name} is one of the mesh's own, {MESH_PORTS[0]} to {MESH_PORTS[-1]}"
                )
                yield Diagnostic("reserved-port", port.at["service" if port.pod is None else "pod"], message, "choose another")


def schedules(graph: Graph) -> Iterator[Diagnostic]:
    """`malformed-schedule`: a schedule is not five fields of cron, which is what Kubernetes reads.

    The CronJob is refused, and the job never runs.

        runtime: {kind: job, schedule: "0 */15 * * * *"}

    Fix: write minute, hour, day of month, month and day of week, without seconds, such as `"*/15 2 * * 1-5"`.
    """
    for component, runtime in _running(graph):
        if runtime.schedule is None:
            continue
        fields = runtime.schedule.split()
        if len(fields) != 5:
            message = f"the schedule of {component.name} has {len(fields)} fields, and cron has five"
            help = "minute, hour, day of month, month, day of week" + ("; leave out the seconds" if len(fields) == 6 else "")
            yield Diagnostic("malformed-schedule", runtime.at["schedule"], message, help)
        elif wrong := next((each for each in fields if not CRON.fullmatch(each)), None):
            yield Diagnostic(
                "malformed-schedule", runtime.at["schedule"], f'"{wrong}" is no field of a schedule', 'such as "*/15 2 * * 1-5"'
            )


# --- probes -----------------------------------------------------------------------------------------------------------


def probes(graph: Graph) -> Iterator[Diagnostic]:
    """`unknown-probe`, `protected-probe`: the platform asks for a path that no operation has, or that wants a token, which it has not.

    The answer is 404 or 401 each time: the pod is never ready, or is started again for ever.

        runtime: {probes: {readiness: /ready}}

    Fix: name a path that a GET operation of the component has, and say `auth: none` at that operation.
    """
    for component, runtime in _running(graph):
        if runtime.image is None or runtime.kind != "service":
            continue
        for what, (path, at) in placement.probes(graph, component).items():
            yield from _probe(graph, component, what, path, at)


def _probe(graph: Graph, component: Component, what: str, path: str, at: At) -> Iterator[Diagnostic]:
    known = dict(_readable(graph, component))
    found = next((method for pattern, (_, method) in known.items() if re.fullmatch(pattern, path)), None)
    if found is None:
        paths = sorted({interface.path(method) for interface, method in known.values()})
        help = did_you_mean(path, paths) if paths else "give it such an operation: {health: {http: GET /health}}"
        yield Diagnostic("unknown-probe", at[what], f"{component.name} has no GET {path}, which {what} is asked by", help)
    elif found.scheme is not None and found.scheme.kind != "mtls":
        message = f'"{found.name}" of {component.name} wants a token, and the platform asks without one'
        yield Diagnostic("protected-probe", at[what], message, "auth: none for that operation")


def _readable(graph: Graph, component: Component) -> Iterator[tuple[str, tuple[Interface, Method]]]:
    """What the component answers to GET, by a pattern of its path."""
    for interface in graph.interfaces:
        for method in interface.http_methods if component in interface.providers else ():
            if method.operation.http is not None and method.operation.http.method == "GET":
                parts = re.split(r"\{[^{}]*\}", interface.path(method))
                yield "[^/]+".join(map(re.escape, parts)), (interface, method)


# --- what lies outside ------------------------------------------------------------------------------------------------


def hosts(graph: Graph) -> Iterator[Diagnostic]:
    """`missing-host`, `missing-port`: a third party is called, and nothing says where it is, nor asks: all ways out are closed but those
    that are named.

    Without host and port there is no egress rule, no TLS and no route: the first call is refused by our own network.

        externals: {mail-relay: {endpoints: {api: {protocol: https}}}}

    Fix: add `host: api.example.com` to the endpoint, and `port` where its protocol has none of its own; or an open question that settles
    the host's place.
    """
    known = settled(graph)
    called = {each.external.name for each in graph.calls if each.external is not None}
    for external in graph.externals:
        for endpoint in external.endpoints:
            place = f"externals.{external.name}.endpoints.{endpoint.name}.host"
            if external.name in called and endpoint.host is None and place not in known:
                message = f'nothing says at which host "{external.name}" is reached'
                help = f"host: api.example.com; or an open question that settles {place}"
                yield Diagnostic("missing-host", endpoint.at.span, message, help)
            if endpoint.host is not None and placement.endpoint_port(endpoint) is None:
                message = f'nothing says on which port "{external.name}" is reached'
                yield Diagnostic(
                    "missing-port", endpoint.at.span, message, f"port: and its number; {endpoint.protocol} has none of its own"
                )


def stores(graph: Graph) -> Iterator[Diagnostic]:
    """`missing-port`, `ambiguous-store`: nothing says on which port a store is reached, or two stores would be the same pods.

    The policy that lets its component through needs the one port and the one set of pods; else it opens nothing, or too much.

        stores: {ledger: {kind: house-made}}

    Fix: add `port: 5432` to the store; tell the pods of two stores apart with `place: {labels: {app.kubernetes.io/name: ledger}}`.
    """
    taken: dict[tuple[tuple[str, str], ...], str] = {}
    for access in graph.accesses:
        store, owner = access.store, access.owner
        if access.use is not None:
            continue
        if placement.store_port(store) is None and placement.is_deployed(owner):
            yield Diagnostic("missing-port", store.at["kind"], f'nothing says which port "{store.kind}" is reached on', "port: 5432")
        peer = placement.store_peer(owner, store)
        if not peer.addresses and peer.host is None:
            key = (("", peer.namespace or ""), *sorted(peer.labels.items()))
            other = taken.setdefault(key, f"{owner.name}.{store.name}")
            if other != f"{owner.name}.{store.name}":
                message = f'"{store.name}" of {owner.name} has the labels of {other}: they would be the same pods'
                yield Diagnostic("ambiguous-store", store.at.span, message, "say which: place: {labels: {app.kubernetes.io/name: …}}")


def deployments(graph: Graph) -> Iterator[Diagnostic]:
    """`missing-image` (warning): a component that others call is not deployed, while the rest is: no route leads to it, no policy knows it.

    What calls it is closed in by policies that do not name it, so that its calls are refused.

        runtime: {ports: {http: 8080}}

    Fix: add `image: "registry.example.com/orders:1.0.0"` to its `runtime`.
    """
    if not placement.deployed(graph):
        return
    for component in graph.components:
        if not placement.is_deployed(component):
            at = component.runtime.at.span if component.runtime else component.at.span
            message = f"{component.name} has no image: it gets no workload, no route and no policy"
            yield Diagnostic("missing-image", at, message, 'runtime: {image: "registry.example.com/name:1.0.0"}', Severity.WARNING)


RULES = (images, replicas, scaling, resources, ports, schedules, probes, hosts, stores, deployments)
