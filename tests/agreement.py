"""What must agree across kinds, read from the contract and the emitted files as plain YAML: no code of the generator is believed."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

Files = Mapping[str, str]
Document = dict[str, Any]
NAME = "app.kubernetes.io/name"
OF_THE_PLATFORM = {15008, 15020}
"""Ports of sidecars and tunnels, which no container has."""
GRPC_METHOD = re.compile(r"^package ([\w.]+);|^service (\w+)|^\s*rpc (\w+)\(", re.MULTILINE)


def disagreements(contract: Sequence[Document], files: Files) -> list[str]:
    """Everything in which two artifacts, or an artifact and the contract, say different things."""
    world = World(contract, files)
    checks = (routes, ports, network_edges, requests, resilience, telemetry)
    return [f"{check.__name__}: {found}" for check in checks for found in check(world)]


@functools.lru_cache(maxsize=4096)
def parsed(text: str) -> list[Any]:
    return list(yaml.load_all(text, yaml.CSafeLoader))


def read_contract(folder: Path) -> list[Document]:
    return [document for path in sorted(folder.glob("*.yaml")) for document in yaml.safe_load_all(path.read_text()) if document]


class World:
    """The contract's components by name, and the emitted objects by kind."""

    def __init__(self, contract: Sequence[Document], files: Files) -> None:
        self.files = files
        self.system: Document = {}
        for document in contract:
            if "component" not in document:
                for key, value in document.items():
                    self.system[key] = {**self.system.get(key, {}), **value} if isinstance(value, dict) else value
        self.components = {each["component"]: each for each in contract if "component" in each}
        self.deployed = {name: each for name, each in self.components.items() if (each.get("runtime") or {}).get("image")}
        self.environments = {name: each or {} for name, each in (self.system.get("environments") or {}).items()}
        self.namespace = self.system["system"].get("namespace", self.system["system"]["name"])

    def objects(self, kind: str, *folders: str) -> list[Document]:
        found = [parsed(text)[0] for path, text in self.files.items() if path.endswith(".yaml") and path.startswith(folders)]
        return [each for each in found if each.get("kind") == kind]

    def mesh(self, environment: str) -> str:
        return str(self.environments[environment].get("mesh", "sidecar"))

    def is_gateway(self, component: str) -> bool:
        return bool(self.components[component].get("runtime", {}).get("kind") == "gateway")

    def interfaces(self) -> Iterator[tuple[str, str, Document, list[str]]]:
        """Reference, name, interface and those who provide it."""
        for owner, component in self.components.items():
            for name, api in (component.get("provides") or {}).items():
                yield f"{owner}.{name}", name, api, [owner]
        shared = (self.system.get("defaults") or {}).get("implements", [])
        for name, api in (self.system.get("interfaces") or {}).items():
            yield name, name, api, [each for each, it in self.components.items() if name in [*shared, *(it.get("implements") or [])]]

    def uses(self) -> Iterator[tuple[str, Document]]:
        return ((name, use) for name, component in self.deployed.items() for use in component.get("uses") or [])

    def called(self, use: Document) -> tuple[Document, list[str], str, dict[str, Document]]:
        """Interface, deployed providers, protocol and operations of a use."""
        api, providers = next((api, providers) for reference, _, api, providers in self.interfaces() if reference == use["api"])
        over = {name: operations(api, name) for name in ("http", "grpc")}
        protocol = use.get("over") or next(name for name, found in over.items() if found)
        wanted = {name: each for name, each in over[protocol].items() if not use.get("operations") or name in use["operations"]}
        return api, [each for each in providers if each in self.deployed], protocol, wanted


def operations(api: Document, protocol: str) -> dict[str, Document]:
    """The operations of an interface that are offered over a protocol."""
    known = {name: each or {} for name, each in api["operations"].items()}
    if protocol == "http":
        return {name: each for name, each in known.items() if "http" in each}
    return {name: each for name, each in known.items() if each.get("grpc") is not False} if "grpc" in api else {}


def http_route(api: Document, operation: Document) -> tuple[str, str]:
    said = operation["http"]
    method, path = said.split() if isinstance(said, str) else (said["method"], said["path"])
    return method, ((api.get("http") or {}).get("base", "/").rstrip("/") + path).rstrip("/") or "/"


def concrete(path: str) -> str:
    return re.sub(r"\{[^{}]*\}", "v-1", path)


def matches(match: Document, method: str, path: str) -> bool:
    said = match["uri"]
    fits = said.get("exact") == path or ("regex" in said and re.fullmatch(said["regex"], path) is not None)
    return fits and match.get("method", {}).get("exact", method) == method


def labelled(objects: Sequence[Document]) -> dict[str, Document]:
    return {each["metadata"]["name"]: each for each in objects}


# --- routes -----------------------------------------------------------------------------------------------------------


def is_outside(service: Document) -> bool:
    """Routes to a third party, whose paths are nobody's here."""
    return str(service["metadata"]["name"]).startswith("external-")


def grpc_paths(world: World) -> set[str]:
    """Full names of all methods, from the protos."""
    found: set[str] = set()
    for path, text in world.files.items():
        package = service = ""
        for match in GRPC_METHOD.finditer(text) if path.endswith(".proto") else ():
            package, service = match[1] or package, match[2] or service
            if match[3]:
                found.add(f"/{package}.{service}/{match[3]}")
    return found


def routes(world: World) -> Iterator[str]:
    """Every route hits an operation of OpenAPI or proto, and every public operation has a route."""
    documents = {path: parsed(text)[0] for path, text in world.files.items() if path.startswith("openapi/")}
    known = {(method.upper(), path) for each in documents.values() for path, item in each["paths"].items() for method in item}
    methods = grpc_paths(world)
    for service in world.objects("VirtualService", "istio/"):
        for route in service["spec"]["http"]:
            for match in route["match"] if not is_outside(service) else ():
                is_hit = any(matches(match, method, concrete(path)) for method, path in known)
                if not is_hit and match["uri"].get("exact") not in methods:
                    yield f"{service['metadata']['name']} routes {match['uri']}, which nobody answers to"
            if "fault" in route:
                yield f"{service['metadata']['name']} injects a fault outside of a test overlay"
            if "retries" not in route:
                yield f"{service['metadata']['name']} leaves the retries of {route['name']} to Istio"
    for environment, said in world.environments.items():
        if "host" in said and world.mesh(environment) != "none":
            yield from _unrouted(world, environment, methods)


def _unrouted(world: World, environment: str, methods: set[str]) -> Iterator[str]:
    host = world.environments[environment]["host"]
    public = [each for each in world.objects("VirtualService", f"istio/overlays/{environment}/") if host in each["spec"]["hosts"]]
    found = [match for each in public for route in each["spec"]["http"] for match in route["match"]]
    gateways = [
        each["metadata"]["name"] for each in world.objects("Gateway", f"istio/overlays/{environment}/") if "servers" in each["spec"]
    ]
    for each in public:
        if not set(each["spec"]["gateways"]) <= set(gateways):
            yield f"{each['metadata']['name']} is bound to a gateway that is not there"
    for reference, _, api, providers in world.interfaces():
        if api.get("visibility") == "public" and set(providers) & set(world.deployed):
            for name, operation in operations(api, "http").items():
                method, path = http_route(api, operation)
                if not any(matches(match, method, concrete(path)) for match in found):
                    yield f"{reference}.{name} is public, and {environment} has no route to it"


# --- ports ------------------------------------------------------------------------------------------------------------


def pod_ports(world: World) -> dict[str, dict[str | int, int]]:
    """Ports of the containers of each component, by name and by number."""
    found: dict[str, dict[str | int, int]] = {}
    for each in [*world.objects("Deployment", "kubernetes/base/"), *world.objects("CronJob", "kubernetes/base/")]:
        spec = each["spec"]["template"] if each["kind"] == "Deployment" else each["spec"]["jobTemplate"]["spec"]["template"]
        listed = [port for container in spec["spec"]["containers"] for port in container.get("ports", ())]
        found[each["metadata"]["name"]] = {
            key: port["containerPort"] for port in listed for key in (port.get("name"), port["containerPort"])
        }
    return found


def ports(world: World) -> Iterator[str]:
    """Services, routes and policies lead to ports that are there."""
    inside = pod_ports(world)
    services = labelled(world.objects("Service", "kubernetes/base/"))
    for name, service in services.items():
        for port in service["spec"]["ports"]:
            if port["targetPort"] not in inside[name]:
                yield f"the Service {name} leads to {port['targetPort']}, which no container has"
    yield from _ports_of_routes(world, services)
    yield from _ports_of_network_policies(world, inside)
    yield from _ports_of_authorization(world, inside)


def _ports_of_routes(world: World, services: dict[str, Document]) -> Iterator[str]:
    known = {(name, port["port"]) for name, each in services.items() for port in each["spec"]["ports"]}
    for each in world.objects("VirtualService", "istio/"):
        for route in each["spec"]["http"] if not is_outside(each) else ():
            to = route["route"][0]["destination"]
            if (to["host"], to["port"]["number"]) not in known:
                yield f"{each['metadata']['name']} leads to {to['host']}:{to['port']['number']}, which no Service has"
    for each in world.objects("DestinationRule", "istio/"):
        if "." not in each["spec"]["host"] and each["spec"]["host"] not in services:
            yield f"a DestinationRule is for {each['spec']['host']}, which has no Service"


def _ports_of_network_policies(world: World, inside: dict[str, dict[str | int, int]]) -> Iterator[str]:
    for each in world.objects("NetworkPolicy", "kubernetes/"):
        for name in selected(world, each["spec"]["podSelector"]) & set(inside):
            opened = {port["port"] for rule in each["spec"].get("ingress", ()) for port in rule["ports"]}
            if wrong := opened - set(inside[name].values()) - OF_THE_PLATFORM:
                yield f"the NetworkPolicy {each['metadata']['name']} opens {wrong} of {name}, which no container has"


def _ports_of_authorization(world: World, inside: dict[str, dict[str | int, int]]) -> Iterator[str]:
    for each in world.objects("AuthorizationPolicy", "istio/"):
        name = each["spec"].get("selector", {}).get("matchLabels", {}).get(NAME)
        rules = each["spec"].get("rules", ()) if name in inside else ()
        opened = {int(port) for rule in rules for to in rule.get("to", ()) for port in to["operation"].get("ports", ())}
        if wrong := opened - set(inside.get(name, {}).values()):
            yield f"the AuthorizationPolicy {name} opens {wrong}, which no container has"


def selected(world: World, selector: Document) -> set[str]:
    """The components whose pods a selector takes."""
    system = world.system["system"]["name"]
    found = set()
    for name in world.deployed:
        labels = {NAME: name, "app.kubernetes.io/part-of": system, "app.kubernetes.io/managed-by": "interlock"}
        takes = all(labels.get(key) == value for key, value in selector.get("matchLabels", {}).items())
        takes &= all(labels.get(each["key"]) in each["values"] for each in selector.get("matchExpressions", ()))
        found |= {name} if takes else set()
    return found


# --- edges ------------------------------------------------------------------------------------------------------------


def declared_edges(world: World) -> set[tuple[str, str]]:
    """Who calls whom, as the contract says; what goes through a gateway ends there."""
    found = set()
    for consumer, use in world.uses():
        if "api" in use:
            targets = [use["via"]] if "via" in use else world.called(use)[1]
            found |= {(consumer, target) for target in targets if target in world.deployed}
    return found


def network_edges(world: World) -> Iterator[str]:
    """Connections between components that both ends' policies allow."""
    system = world.system["system"]["name"]
    for environment in world.environments:
        policies = world.objects("NetworkPolicy", "kubernetes/base/", f"kubernetes/overlays/{environment}/")
        denied = [each["spec"] for each in policies if each["metadata"]["name"] == "default-deny"]
        if denied != [{"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}]:
            yield f"{environment} does not deny by default"
        allowed: dict[str, set[tuple[str, str]]] = {"ingress": set(), "egress": set()}
        for each in policies:
            for own in selected(world, each["spec"]["podSelector"]):
                for direction, key in (("ingress", "from"), ("egress", "to")):
                    for peer in itertools.chain(*(rule[key] for rule in each["spec"].get(direction, ()))):
                        if "podSelector" in peer and "namespaceSelector" not in peer:
                            others = selected(world, peer["podSelector"])
                            allowed[direction] |= {(other, own) if direction == "ingress" else (own, other) for other in others}
        if environment and world.mesh(environment) != "ambient":
            yield from _differences(
                f"NetworkPolicy in {environment} of {system}", allowed["ingress"] & allowed["egress"], declared_edges(world)
            )
            yield from _differences(f"both ends in {environment}", allowed["ingress"], allowed["egress"])


def _differences(what: str, found: set[Any], wanted: set[Any]) -> Iterator[str]:
    yield from (f"{what}: {each} is allowed and not declared" for each in sorted(found - wanted, key=str))
    yield from (f"{what}: {each} is declared and not allowed" for each in sorted(wanted - found, key=str))


def requests(world: World) -> Iterator[str]:
    """Requests that the mesh lets through: caller, provider, method, path."""
    for environment in world.environments:
        if world.mesh(environment) != "none":
            found: set[tuple[str, str, str, str]] = set()
            for each in world.objects("AuthorizationPolicy", f"istio/overlays/{environment}/"):
                found |= set(_allowed(world, environment, each))
            yield from _differences(f"AuthorizationPolicy in {environment}", found, set(_declared(world, environment)))


def _allowed(world: World, environment: str, policy: Document) -> Iterator[tuple[str, str, str, str]]:
    spec = policy["spec"]
    refs = spec.get("targetRefs")
    name = refs[0]["name"] if refs else spec.get("selector", {}).get("matchLabels", {}).get(NAME)
    if name not in world.deployed or policy["metadata"]["name"].endswith(("-from-waypoint", "-from-scraping")):
        return
    for rule in spec["rules"]:
        principals = [who for source in rule.get("from", ()) for who in source["source"]["principals"]] or ["anybody"]
        for who, to in itertools.product(principals, rule["to"]):
            for method, path in itertools.product(to["operation"]["methods"], to["operation"]["paths"]):
                yield who, name, method, path.replace("{*}", "v-1")


def _declared(world: World, environment: str) -> Iterator[tuple[str, str, str, str]]:
    said = world.environments[environment]
    domain, namespace = said.get("trust_domain", "cluster.local"), said.get("namespace", world.namespace)
    gateways = [name for name in world.deployed if world.is_gateway(name)]
    for consumer, use in world.uses():
        if "api" in use and "via" not in use:
            _, providers, _, _ = world.called(use)
            for provider, (method, path) in itertools.product(providers, asked(world, use)):
                yield f"{domain}/ns/{namespace}/sa/{consumer}", provider, method, path
            if consumer in gateways and "host" in said:
                yield from (("anybody", consumer, method, path) for method, path in asked(world, use, is_told_apart=False))
    if not gateways and "host" in said:
        place = (said.get("platform") or {}).get("ingress") or {}
        account = place.get("account", "istio-ingressgateway-service-account")
        for reference, _, api, providers in world.interfaces():
            for provider, protocol in itertools.product(providers, ("http", "grpc")):
                if api.get("visibility") == "public" and provider in world.deployed and operations(api, protocol):
                    for method, path in asked(world, {"api": reference, "over": protocol}):
                        yield f"{domain}/ns/{place.get('namespace', 'istio-system')}/sa/{account}", provider, method, path


def asked(world: World, use: Document, *, is_told_apart: bool = True) -> Iterator[tuple[str, str]]:
    """Method and path of each request of a use; of gRPC as the protos name them.

    A path is a template, or where another operation of its method has the same one and that is told apart, its ending.
    """
    api, _, protocol, wanted = world.called(use)
    known = [http_route(api, each) for each in operations(api, "http").values()]
    for name, operation in wanted.items():
        if protocol == "http":
            method, path = http_route(api, operation)
            ending = re.fullmatch(r".*\}([^/{}]+)", path)
            alike = [one for one in known if one != (method, path) and one[0] == method and _template(one[1]) == _template(path)]
            yield method, f"*{ending[1]}" if is_told_apart and alike and ending else _template(path)
        else:
            method_name = operation.get("grpc") if isinstance(operation.get("grpc"), str) else name[:1].upper() + name[1:]
            service = re.sub(r"[^A-Za-z0-9]", "", use["api"].partition(".")[2] or use["api"]).lower()
            yield "POST", _full_name(world, use["api"], str(method_name), service, (api.get("grpc") or {}).get("service"))


def _template(path: str) -> str:
    return "/".join("v-1" if "{" in each else each for each in path.split("/"))


def _full_name(world: World, reference: str, method: str, service: str, named: str | None) -> str:
    owner = reference.partition(".")[0].replace("-", "_")
    for path in sorted(grpc_paths(world)):
        package, _, rest = path[1:].partition("/")
        spelled = package.rpartition(".")[2]
        fits = (
            spelled == named if named else spelled.lower() == f"{service}service" and (owner in package.split(".") or "." not in reference)
        )
        if fits and rest.lower() == method.lower():
            return path
    return f"{reference} has no method {method}"


# --- resilience -------------------------------------------------------------------------------------------------------


def resilience(world: World) -> Iterator[str]:
    """Breakers, timeouts and tries say the same in circuit-breaker files, resilience4j and Istio."""
    for consumer in world.deployed:
        spring = world.files.get(f"resilience/resilience4j/{consumer}.yaml")
        if spring is None:
            continue
        first = parsed(spring)[0]["resilience4j"]
        sections = {name: {key[1:-1]: each for key, each in section["instances"].items()} for name, section in first.items()}
        text = world.files.get(f"resilience/circuit-breakers/{consumer}.yaml")
        services = parsed(text)[0]["circuitBreaker"]["services"] if text else []
        yield from _breakers(world, consumer, sections, services)
        yield from _pools(world, consumer, sections)
        for mode in sorted({world.mesh(each) for each in world.environments} - {"none", "ambient"}):
            yield from _routes_of(world, consumer, sections, mode)


def _breakers(world: World, consumer: str, sections: Document, services: list[Document]) -> Iterator[str]:
    thresholds: dict[str, list[tuple[int, int]]] = {}
    for each in services:
        target = ".".join(filter(None, (each["name"], each.get("interface"))))
        for name in [f"{target}.{operation}" for operation in each.get("operations", ())] or [target]:
            breaker = sections.get("circuitbreaker", {}).get(name)
            wanted = {
                "slidingWindowSize": each["failureThreshold"],
                "minimumNumberOfCalls": each["failureThreshold"],
                "waitDurationInOpenState": f"{each['resetTimeoutMillis']}ms",
            }
            if breaker is None or {key: breaker.get(key) for key in wanted} != wanted:
                yield f"{consumer}: resilience4j and the circuit-breaker file differ on {name}"
            thresholds.setdefault(each["name"], []).append((each["failureThreshold"], each["resetTimeoutMillis"]))
    listed = sum(len(each.get("operations", ())) or 1 for each in services)
    if listed != len(sections.get("circuitbreaker", {})):
        yield f"{consumer}: resilience4j and the circuit-breaker file have different breakers"
    rules = [each for each in world.objects("DestinationRule", f"istio/sidecar/{consumer}/") if each["spec"]["host"] in thresholds]
    for rule in rules:
        detection = rule["spec"]["trafficPolicy"]["outlierDetection"]
        said = detection["consecutive5xxErrors"], round(1000 * float(detection["baseEjectionTime"].removesuffix("s")))
        if not _ejects_as_declared(world, consumer, rule["spec"]["host"]) and said != max(thresholds[rule["spec"]["host"]]):
            yield f"{consumer}: outlier detection of {rule['spec']['host']} says {said}, the breakers {thresholds[rule['spec']['host']]}"
        if "maxEjectionPercent" not in detection:
            yield f"{consumer}: outlier detection of {rule['spec']['host']} ejects nobody of fewer than ten"


def _pools(world: World, consumer: str, sections: Document) -> Iterator[str]:
    """A connection pool lets through what the bulkheads of all its operations do together."""
    bulkheads = {name: each["maxConcurrentCalls"] for name, each in sections.get("bulkhead", {}).items()}
    for rule in world.objects("DestinationRule", f"istio/sidecar/{consumer}/"):
        pool = rule["spec"]["trafficPolicy"].get("connectionPool")
        if pool is not None:
            through = {
                f"{use['api']}.{name}"
                for who, use in world.uses()
                if who == consumer and "api" in use and "via" not in use
                for name in world.called(use)[3]
                if rule["spec"]["host"] in world.called(use)[1]
            }
            calls = sum(bulkheads[name] for name in through)
            if {pool["tcp"]["maxConnections"], pool["http"]["http1MaxPendingRequests"], pool["http"]["http2MaxRequests"]} != {calls}:
                yield f"{consumer}: the pool for {rule['spec']['host']} is {pool}, and the bulkheads let through {calls}"


def _ejects_as_declared(world: World, consumer: str, provider: str) -> bool:
    return any(
        "outlier_detection" in use and "api" in use and provider in world.called(use)[1] for name, use in world.uses() if name == consumer
    )


def _routes_of(world: World, consumer: str, sections: Document, mode: str) -> Iterator[str]:
    for service in world.objects("VirtualService", f"istio/{mode}/"):
        for route in service["spec"]["http"]:
            for match in route["match"]:
                if match.get("sourceLabels", {}).get(NAME) == consumer and not is_outside(service):
                    name = f"{route['name'].removeprefix(consumer + '.')}.{match['name']}"
                    yield from _numbers(consumer, name, route, sections)


def _numbers(consumer: str, name: str, route: Document, sections: Document) -> Iterator[str]:
    tries = sections["retry"].get(name, {}).get("maxAttempts")
    retries = route.get("retries", {})
    if tries != retries.get("attempts", 2) + 1:
        yield f"{consumer}: {name} has {tries} tries for resilience4j and {retries} in Istio"
    each = retries.get("perTryTimeout", route.get("timeout"))
    limit = sections.get("timelimiter", {}).get(name, {}).get("timeoutDuration")
    if limit != (f"{round(1000 * float(each.removesuffix('s')))}ms" if each else None):
        yield f"{consumer}: a try of {name} may take {limit} for resilience4j and {each} in Istio"


# --- telemetry --------------------------------------------------------------------------------------------------------

ENDPOINT = re.compile(r"OTEL_EXPORTER_OTLP_ENDPOINT=http://([^.]+)\.([^.]+)\.svc\.cluster\.local:(\d+)")


def telemetry(world: World) -> Iterator[str]:
    """What components are told to send to is the collector, in the place where both ends' policies let them reach it."""
    for environment in world.environments if world.deployed else ():
        folder = f"telemetry/{environment}"
        found = ENDPOINT.search(world.files[f"kubernetes/overlays/{environment}/kustomization.yaml"])
        [service] = world.objects("Service", f"{folder}/kubernetes/")
        namespace = parsed(world.files[f"{folder}/kustomization.yaml"])[0]["namespace"]
        sent = {each["port"]: each["targetPort"] for each in service["spec"]["ports"]}
        if found is None or found.groups() not in {(service["metadata"]["name"], namespace, str(port)) for port in sent}:
            yield f"{environment} sends to {found and found[0]}, which is not the collector's Service"
        yield from _collector_ports(world, environment, sent)
        yield from _collector_policies(world, environment, service["spec"]["selector"], namespace, set(sent))
        yield from _tracing_of_gateways(world, environment, f"{service['metadata']['name']}.{namespace}.svc.cluster.local", set(sent))


def _collector_ports(world: World, environment: str, sent: Mapping[int, str]) -> Iterator[str]:
    """The configuration listens where the container and the Service say so."""
    config = parsed(world.files[f"telemetry/{environment}/collector.yaml"])[0]
    reader = config["service"]["telemetry"]["metrics"]["readers"][0]["pull"]["exporter"]["prometheus"]
    listening = {each["endpoint"].rpartition(":")[2] for each in config["receivers"]["otlp"]["protocols"].values()}
    listening |= {config[section][name]["endpoint"].rpartition(":")[2] for section, name in COLLECTOR_ENDPOINTS} | {str(reader["port"])}
    [deployment] = world.objects("Deployment", f"telemetry/{environment}/")
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    opened = {each["name"]: each["containerPort"] for each in container["ports"]}
    yield from _differences(f"ports of the collector in {environment}", {str(each) for each in opened.values()}, listening)
    for port, target in sent.items():
        if opened.get(target) != port:
            yield f"the collector's Service in {environment} leads from {port} to {target}, which is {opened.get(target)}"


COLLECTOR_ENDPOINTS = (("exporters", "prometheus"), ("extensions", "health_check"))


def _collector_policies(world: World, environment: str, labels: Document, namespace: str, ports: set[int]) -> Iterator[str]:
    own = world.environments[environment].get("namespace", world.namespace)
    place = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": namespace}}, "podSelector": {"matchLabels": labels}}
    outward = world.objects("NetworkPolicy", f"kubernetes/overlays/{environment}/")
    inward = world.objects("NetworkPolicy", f"telemetry/{environment}/")
    reached = {
        name for each in outward if _opens(each, "egress", "to", place, ports) for name in selected(world, each["spec"]["podSelector"])
    }
    yield from _differences(f"who may send in {environment}", reached, set(world.deployed))
    of_system = {"kubernetes.io/metadata.name": own}
    senders = [
        peer
        for each in inward
        for rule in each["spec"]["ingress"]
        for peer in rule["from"]
        if {port["port"] for port in rule["ports"]} == ports and peer["namespaceSelector"]["matchLabels"] == of_system
    ]
    if len(senders) != 1 or inward[0]["spec"]["podSelector"] != {"matchLabels": labels}:
        yield f"the collector of {environment} lets in {senders}"


def _opens(policy: Document, direction: str, key: str, place: Document, ports: set[int]) -> bool:
    rules = policy["spec"].get(direction, ())
    return any(place in rule[key] and {each["port"] for each in rule["ports"]} == ports for rule in rules)


def _tracing_of_gateways(world: World, environment: str, host: str, ports: set[int]) -> Iterator[str]:
    """The mesh knows the provider that gateways send their spans to."""
    path = f"telemetry/{environment}/mesh-config.yaml"
    known = parsed(world.files[path])[0]["extensionProviders"] if path in world.files else []
    found = {each["name"] for each in known if each["opentelemetry"]["service"] == host and each["opentelemetry"]["port"] in ports}
    for each in world.objects("Telemetry", f"istio/{world.mesh(environment)}/"):
        wanted = {provider["name"] for tracing in each["spec"]["tracing"] for provider in tracing["providers"]}
        if not wanted <= found:
            yield f"{each['metadata']['name']} sends its spans to {wanted}, of which the mesh of {environment} knows {found}"
