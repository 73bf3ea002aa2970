"""The contract file of one component: what the documents say of it, and no more than loads where they are silent."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from generator import names as spelling
from generator.extract.annotated import Noted
from generator.extract.choosing import chosen, first_text, note, plain
from generator.extract.facts import Fact
from generator.extract.fields import is_incomplete, object_of
from generator.extract.landscape import Landscape
from generator.extract.naming import Entity, engine_of, slug
from generator.extract.values import duration, is_nothing, only_duration, percentage, percentiles, rate, split_list

API = "api"
"""Name of an interface that the documents give no name: one for each component."""
DRAFT_VERSION = "0.1.0"
HTTP = re.compile(r"`?(GET|HEAD|POST|PUT|PATCH|DELETE)\s+(/[^\s`?]*)")
REPLICAS = re.compile(
    r"(\d{1,4})\s*(?:[–-]|to|bis|à|a|\.\.)\s*(\d{1,4})\s*(?:replicas?|instances?|pods?|instanzen|replikate|réplicas?|instancias?)|(\d{1,4})\s*(?:replicas?|instances?|pods?|instanzen|replikate|réplicas?|instancias?)",
    re.IGNORECASE,
)
PORT = re.compile(r"(rest|https?|grpc)\b[^,;.]{0,20}?,?\s*(?:port|puerto)\s*:?\s*(\d{2,5})\b", re.IGNORECASE)
RESOURCES = re.compile(r"(requests|limits)\s+(\d+(?:\.\d+)?m?)(?:\s*CPU)?\s*(?:and|,|/)\s*(\d+(?:\.\d+)?(?:Ki|Mi|Gi))", re.IGNORECASE)
SCALES = re.compile(r"(\d{1,3})\s*%\s*(CPU|memory)", re.IGNORECASE)


def component_file(component: Entity, land: Landscape) -> dict[str, Any]:
    """The keys of a component in the order in which people write them."""
    facts = land.about.get(("component", component.name), [])
    data: dict[str, Any] = {"component": Noted(component.name, _first_seen(component, facts))}
    if component.title and component.title != component.name:
        data["title"] = component.title
    data |= _heading(component, facts, land)
    data |= {
        key: value
        for key, value in (
            ("provides", _provides(component, facts, land)),
            ("publishes", _publishes(component, land)),
            ("consumes", _consumes(component, land)),
            ("uses", _uses(component, land)),
        )
        if value
    }
    data |= {
        key: value
        for key, value in (
            ("stores", _stores(component, land)),
            ("uses_stores", _uses_stores(component, land)),
            ("runtime", _runtime(component, facts, land)),
            ("quality", _quality(component, facts, land)),
        )
        if value
    }
    notes = _notes(component, land)
    return {**data, **({"notes": notes} if notes else {})}


def _first_seen(component: Entity, facts: Sequence[Fact]) -> str:
    place = component.sources[0] if component.sources else facts[0].source
    return f"{place}, {'sure' if component.weight >= 6 else 'likely' if component.weight >= 3 else 'guess'}"


def _heading(component: Entity, facts: Sequence[Fact], land: Landscape) -> dict[str, Any]:
    data: dict[str, Any] = {}
    summary = first_text(facts, "summary") or first_text(facts, "responsibility")
    if summary:
        data["summary"] = summary
    for key, known in (("layer", land.layers), ("domain", land.domains)):
        value = chosen(
            facts,
            key,
            lambda text: plain(text) if not is_nothing(text) and len(text) < 60 else None,
            f"the {key} of {component.name}",
            f"{component.name}.{key}",
            land.open,
        )
        if value:
            known[slug(str(value.value))] = (str(value.value), value.note)
            data[key] = Noted(slug(str(value.value)), value.note)
    context = first_text(facts, "context")
    owner = chosen(facts, "owner", land.team, f"the owner of {component.name}", f"{component.name}.owner", land.open)
    data |= {key: value for key, value in (("context", context), ("owner", owner)) if value}
    stated = [fact for fact in facts if fact.values.get("responsibility")]
    lines = list(dict.fromkeys(plain(fact.values["responsibility"]) for fact in stated))
    if len(lines) > 1:
        data["responsibilities"] = [Noted(plain(fact.values["responsibility"]), note([fact])) for fact in stated]
    technology = next((fact for fact in sorted(facts, key=lambda each: -each.authority) if fact.values.get("technology")), None)
    if technology:
        data["technology"] = Noted(
            [plain(part) for part in split_list(technology.values["technology"], ",;") if plain(part)], note([technology])
        )
    return data


def _protocols(component: Entity, facts: Sequence[Fact], land: Landscape) -> set[str]:
    said = " ".join(f"{fact.values.get('protocol', '')} {fact.values.get('provides', '')}" for fact in facts).lower()
    stated = set(land.provided.get(component.name, set()))
    stated |= {"grpc"} if "grpc" in said else set()
    stated |= {"http"} if re.search(r"\b(?:rest|https?)\b", said) else set()
    for fact in land.operations.get(component.name, ()):
        stated |= {"http"} if HTTP.search(fact.values.get("http", "")) else set()
        stated |= {"grpc"} if fact.values.get("grpc") else set()
    return stated & {"http", "grpc"}


def _provides(component: Entity, facts: Sequence[Fact], land: Landscape) -> dict[str, Any]:
    """One interface, when somebody calls it or the documents list its operations."""
    operations = _operations(component, land)
    protocols = _protocols(component, facts, land)
    if not operations and component.name not in land.provided and not protocols:
        return {}
    place = f"{component.name}.provides.{API}"
    land.unstated["version"].append(f"{place}.version")
    if not operations:
        land.unstated["operations"].append(f"{place}.operations")
    if not protocols:
        land.unstated["protocol"].append(f"{place}")
    api: dict[str, Any] = {"version": Noted(DRAFT_VERSION, "not stated")}
    api |= {name: {} for name in ("http", "grpc") if name in protocols}
    api["operations"] = operations or Noted({}, "not stated")
    return {API: api}


def _operations(component: Entity, land: Landscape) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for fact in sorted(land.operations.get(component.name, ()), key=lambda each: each.source):
        http = HTTP.search(f"{fact.values.get('http', '')} {fact.names[1]}")
        words = re.search(r"[A-Za-z][A-Za-z0-9_]*", plain(fact.names[1])) if not HTTP.search(fact.names[1]) else None
        grpc = re.search(r"[A-Za-z]\w*", plain(fact.values.get("grpc", "")))
        name = words[0] if words and len(plain(fact.names[1]).split()) == 1 else spelling.camel(grpc[0]) if grpc else None
        if name is None or name in found or name[:1].isdigit():
            continue
        found[name] = Noted(_operation(fact, http, grpc, component, name, land), note([fact]))
    return found


def _operation(
    fact: Fact, http: re.Match[str] | None, grpc: re.Match[str] | None, component: Entity, name: str, land: Landscape
) -> dict[str, Any]:
    place = f"{component.name}.provides.{API}.operations.{name}"
    data: dict[str, Any] = {"summary": plain(fact.values["summary"])[:200]} if fact.values.get("summary") else {}
    data |= _http(http, fact) if http else {}
    if grpc or fact.values.get("http"):
        data["grpc"] = grpc[0] if grpc else False
    for key in ("request", "response"):
        schema = _schema(fact.values.get(key, ""), land)
        data |= {key: schema} if schema else {}
        if fact.values.get(key) and (not schema or is_incomplete(schema)):
            land.unstated["types"].append(f"{place}.{key}")
    if "parameters" in data:
        land.unstated["types"].append(f"{place}.parameters")
    if fact.values.get("errors"):
        land.unstated["errors"].append(f"{place}.errors")
    return data


def _http(found: re.Match[str], fact: Fact) -> dict[str, Any]:
    """Method, path and status; the types of the path's parameters are not stated."""
    path = found[2].rstrip(".,;)")
    status = re.search(r"\((2\d\d)\)", fact.values.get("response", ""))
    parameters: dict[str, Any] = {each: {} for each in dict.fromkeys(re.findall(r"\{(\w+)\}", path))}
    binding: Any = {"method": found[1], "path": path, "status": int(status[1])} if status else f"{found[1]} {path}"
    return {"http": binding, **({"parameters": parameters} if parameters else {})}


def _schema(text: str, land: Landscape) -> Any:
    """A type by its name, a list of it, or fields; None for words such as `changed fields`."""
    bare = plain(re.sub(r"\(\d{3}\)", "", text))
    many = re.fullmatch(r"(?:list|array|page|liste|lista|página) (?:of|de|von) (\w+)|(\w+)\[\]", bare)
    item = (many[1] or many[2]) if many else None
    if item in land.types:
        return {"type": "array", "items": {"$ref": item}}
    if bare in land.types:
        return {"$ref": bare}
    is_fields = "," in text or re.fullmatch(r"`?(?:[a-z]+[A-Z]\w*|[a-z]\w*\?)`?|`[a-z]\w*`(?:\s*\([^)]*\))?", text.strip())
    return object_of(text, land.types) if text and is_fields else None


def _publishes(component: Entity, land: Landscape) -> dict[str, Any]:
    events: dict[str, Any] = {}
    for event in land.told[component.name]:
        facts = land.about.get(("event", event), [])
        edges = land.found.edges["publishes"][component.name, event]
        place = f"{component.name}.publishes.{event}"
        data: dict[str, Any] = {"version": Noted(DRAFT_VERSION, "not stated")}
        land.unstated["version"].append(f"{place}.version")
        payload = next(
            (
                schema
                for fact in facts
                if (schema := object_of(fact.values.get("payload", ""), land.types) if fact.values.get("payload") else None)
            ),
            None,
        )
        key = chosen(
            facts,
            "key",
            lambda text: plain(text) if re.fullmatch(r"`?[A-Za-z]\w*`?", text.strip()) else None,
            f"the key of {event}",
            f"{place}.key",
            land.open,
        )
        if payload is None or is_incomplete(payload):
            land.unstated["payload"].append(f"{place}.payload")
        payload = payload or {"type": "object"}
        if key and key.value not in payload.get("properties", {}):
            payload = {
                **payload,
                "properties": {
                    **payload.get("properties", {}),
                    str(key.value): {},
                },
            }
        data["payload"] = payload
        topic = chosen([*facts, *edges], "topic", _topic, f"the topic of {event}", f"{place}.topic", land.open)
        partitions = chosen(
            facts,
            "partitions",
            lambda text: int(text) if text.strip().isdigit() and 0 < int(text) < 100000 else None,
            f"the number of partitions of {event}",
            f"{place}.partitions",
            land.open,
        )
        retention = chosen(facts, "retention", only_duration, f"the retention of {event}", f"{place}.retention", land.open)
        summary = first_text(facts, "summary")
        data |= {
            name: value
            for name, value in (("summary", summary), ("topic", topic), ("key", key), ("partitions", partitions), ("retention", retention))
            if value
        }
        events[event] = Noted(data, note(edges))
    return events


def _topic(text: str) -> str | None:
    text = plain(text)
    return text if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,248}", text) and not is_nothing(text) else None


def _consumes(component: Entity, land: Landscape) -> list[Any]:
    found = []
    for event, facts in land.leaving["consumes", component.name]:
        found += [
            Noted({"event": f"{publisher}.{event}"}, note(facts))
            for publisher in land.publishers.get(event, ())
            if publisher != component.name
        ]
    return found


def _uses(component: Entity, land: Landscape) -> list[Any]:
    uses = []
    caller = component.name
    for callee, facts in land.leaving["call", caller]:
        is_external = land.kinds.get(callee) == "external"
        data: dict[str, Any] = {"external": callee} if is_external else {"api": f"{callee}.{API}"}
        over = chosen(
            facts,
            "protocol",
            lambda text: text if text in ("http", "grpc") else None,
            f"the protocol of {caller} to {callee}",
            f"{caller}.uses.over",
            land.open,
        )
        operations = sorted({word for fact in facts for word in _operations_named(fact, callee, land)}) if not is_external else []
        if over and not is_external:
            data["over"] = over
        if operations:
            data["operations"] = operations
        data |= _survival(caller, callee, facts, land)
        uses.append(Noted(data, note(facts)))
    return uses


def _operations_named(fact: Fact, callee: str, land: Landscape) -> list[str]:
    known = {str(each.names[1]).strip("`").lower(): each.names[1].strip("`") for each in land.operations.get(callee, ())}
    text = f"{fact.values.get('details', '')} {fact.values.get('operation', '')}"
    return [known[word.lower()] for word in re.findall(r"[A-Za-z]\w+", text) if word.lower() in known]


def _survival(caller: str, callee: str, facts: Sequence[Fact], land: Landscape) -> dict[str, Any]:
    """Why, timeout, tries and breaker of a call."""
    edge = f"{caller} to {callee}"
    stated = [
        Fact(
            fact.kind,
            fact.names,
            fact.source,
            {"timeout": _timeout_in(fact.values.get("details", "")), **fact.values},
            fact.confidence,
            fact.authority,
        )
        for fact in facts
    ]
    timeout = chosen(stated, "timeout", duration, f"the timeout of {edge}", f"{caller}.uses.timeout", land.open)
    attempts = chosen(
        facts,
        "retries",
        lambda text: int(found[0]) if (found := re.match(r"\s*(\d{1,2})\b", text)) and 0 < int(found[1]) <= 100 else None,
        f"the number of tries of {edge}",
        f"{caller}.uses.retry",
        land.open,
    )
    failures = chosen(
        facts,
        "failures",
        lambda text: int(text) if text.strip().isdigit() and int(text) else None,
        f"the breaker of {edge}",
        f"{caller}.uses.breaker",
        land.open,
    )
    reset = chosen(facts, "reset", duration, f"the breaker of {edge}", f"{caller}.uses.breaker", land.open)
    why = first_text(facts, "why")
    data: dict[str, Any] = {key: value for key, value in (("why", why), ("timeout", timeout)) if value}
    if attempts:
        data["retry"] = {"attempts": attempts}
    if failures and reset:
        data["breaker"] = {"failures": failures, "open": reset}
    return data


def _timeout_in(details: str) -> str:
    found = re.search(
        r"(?:timeout|deadline|zeitlimit|délai|within|tiempo (?:límite|de espera))\s*:?\s*(?:of|von|de)?\s*(\d[\d.,]*\s*[a-zA-Z]+)",
        details,
        re.IGNORECASE,
    )
    return found[1] if found else ""


def _stores(component: Entity, land: Landscape) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for store in land.kept[component.name]:
        name = store.partition("@")[0]
        facts = land.about.get(("store", store), [])
        edges = [fact for users in land.stores[store].values() for fact in users]
        place = f"{component.name}.stores.{name}"
        kind = _kind([*facts, *edges], name, place, land)
        data: dict[str, Any] = {"kind": kind}
        version = next(
            (
                Noted(found_version[1], note([fact]))
                for fact in facts
                if (found_version := re.search(r"\s(\d+(?:\.\d+)*)\s*$", plain(fact.values.get("kind", ""))))
            ),
            None,
        )
        rpo, rto, kept = (
            chosen(facts, key, only_duration, f"the {key.upper() if key != 'retention' else key} of {name}", f"{place}.{key}", land.open)
            for key in ("rpo", "rto", "retention")
        )
        data |= {
            key: value
            for key, value in (
                ("version", version),
                ("summary", first_text(facts, "summary") or first_text(facts, "payload")),
                ("rpo", rpo),
                ("rto", rto),
                ("retention", kept),
            )
            if value
        }
        if "@" in store:
            land.unstated["store names"].append(place)
        found[name] = Noted(data, note(land.stores[store][component.name]))
    return found


def _kind(facts: Sequence[Fact], name: str, place: str, land: Landscape) -> Any:
    kind = chosen(
        facts,
        "kind",
        lambda text: engine_of(plain(text)) or (slug(re.sub(r"[\d.]+", "", plain(text))) if len(plain(text).split()) <= 2 else None),
        f"the engine of {name}",
        f"{place}.kind",
        land.open,
    )
    if kind:
        return kind
    land.unstated["engines"].append(f"{place}.kind")
    return Noted("undecided", "not stated")


def _uses_stores(component: Entity, land: Landscape) -> list[Any]:
    found = []
    for store in land.touched[component.name]:
        owner = land.owners[store]
        facts = land.stores[store].get(component.name)
        if not facts or owner in (None, component.name):
            continue
        accesses = [access for access, kind in (("read", "reads"), ("write", "writes")) if any(fact.kind == kind for fact in facts)]
        found += [Noted({"store": f"{owner}.{store.partition('@')[0]}", "access": access}, note(facts)) for access in accesses]
        if not accesses:
            land.open.ask(
                f"Does {component.name} read {store} of {owner}, or write it?",
                (f"{component.name}.uses_stores",),
                [fact.source for fact in facts],
            )
    return found


def _runtime(component: Entity, facts: Sequence[Fact], land: Landscape) -> dict[str, Any]:
    data: dict[str, Any] = {}
    replicas = chosen(
        facts, "deployment", _replicas, f"the number of instances of {component.name}", f"{component.name}.runtime.replicas", land.open
    )
    if replicas:
        least, most = replicas.value
        data["replicas"] = Noted(least if least == most else {"min": least, "max": most}, replicas.note)
    ports: dict[str, Any] = {}
    for fact in facts:
        for protocol, number in PORT.findall(
            f"{fact.values.get('provides', '')} {fact.values.get('port', '')} {fact.values.get('protocol', '')}"
        ):
            if 0 < int(number) < 65536:
                ports.setdefault("grpc" if protocol.lower() == "grpc" else "http", Noted(int(number), note([fact])))
    data |= {"ports": ports} if ports else {}
    for fact in facts:
        text = f"{fact.values.get('deployment', '')} {fact.values.get('resources', '')}"
        for group, cpu, memory in RESOURCES.findall(text):
            data.setdefault(group.lower(), Noted({"cpu": cpu, "memory": memory}, note([fact])))
        scales = {what.lower(): f"{share}%" for share, what in SCALES.findall(text) if int(share) <= 100}
        if scales:
            data.setdefault("scale_on", Noted(scales, note([fact])))
    return data


def _replicas(text: str) -> tuple[int, int] | None:
    found = REPLICAS.search(text)
    if not found:
        return (int(text), int(text)) if text.strip().isdigit() and 0 < int(text) < 1000 else None
    least, most = (int(found[1]), int(found[2])) if found[1] else (int(found[3]), int(found[3]))
    return (least, most) if 0 < least <= most else None


def _quality(component: Entity, facts: Sequence[Fact], land: Landscape) -> dict[str, Any]:
    said = [
        Fact(
            fact.kind,
            fact.names,
            fact.source,
            {"said": " ".join(fact.values.get(key, "") for key in ("quality", "availability", "latency", "rate"))},
            fact.confidence,
            fact.authority,
        )
        for fact in facts
    ]
    place = f"{component.name}.quality"
    availability = chosen(
        [
            fact
            for fact in said
            if "%" in fact.values["said"] and re.search(r"(?i)availab|verfügbar|disponib|^\s*[\d.,]+\s*%\s*$", fact.values["said"])
        ],
        "said",
        percentage,
        f"the availability of {component.name}",
        f"{place}.availability",
        land.open,
    )
    latency = {
        key: value
        for key in ("p50", "p95", "p99")
        if (
            value := chosen(
                said,
                "said",
                _percentile(key),
                f"the {key} latency of {component.name}",
                f"{place}.latency.{key}",
                land.open,
            )
        )
    }
    requests = chosen(said, "said", rate, f"the load of {component.name}", f"{place}.rate", land.open)
    return {key: value for key, value in (("availability", availability), ("latency", latency), ("rate", requests)) if value}


def _percentile(key: str) -> Callable[[str], str | None]:
    return lambda text: percentiles(text).get(key)


def _notes(component: Entity, land: Landscape) -> list[Any]:
    """What the documents say and no key can hold yet."""
    notes = []
    for receiver, facts in land.leaving["message", component.name]:
        notes.append(Noted(f"Sends messages to {receiver}; what they are called is not stated.", note(facts)))
    for caller, facts in land.entering["call", component.name]:
        if land.kinds.get(caller) == "external":
            notes.append(Noted(f"Is called by {caller}, which others run.", note(facts)))
    for event, facts in land.leaving["consumes", component.name]:
        if not land.publishers.get(event):
            notes.append(Noted(f"Consumes {event}; who publishes it is not stated.", note(facts)))
    for fact in land.operations.get(component.name, ()):
        errors = plain(fact.values.get("errors", ""))
        if errors and not is_nothing(errors):
            notes.append(Noted(f"{plain(fact.names[1])} answers with {errors}.", note([fact])))
    return notes
