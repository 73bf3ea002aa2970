"""Doors that are open, and keys that fit too many of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from defects import GONE, Change, Contract, Defect, Document, put


def public(contract: Contract) -> Iterator[tuple[str, str, str, Document]]:
    """Operations of public interfaces that are protected, with component and interface."""
    for name, interface, operation in contract.operations():
        api = contract.components[name]["provides"][interface]
        if api.get("visibility") == "public" and api.get("auth") != "none":
            yield name, interface, operation, api["operations"][operation]


def set_operation(name: str, interface: str, operation: str, *without: str, **keys: Any) -> Change:
    """An operation with other keys, and without some."""

    def change(copy: Contract) -> None:
        own = copy.components[name]["provides"][interface]["operations"][operation]
        own.update(keys)
        for key in without:
            own.pop(key, None)

    return change


def changing(contract: Contract) -> Iterator[tuple[str, str, str]]:
    for name, interface, operation, own in public(contract):
        if "GET" not in str(own["http"]):
            yield name, interface, operation


def shared_scope(contract: Contract) -> Iterator[tuple[str, str, str]]:
    """What changes something and needs a scope that another operation needs as well, so that it is not left over."""
    for name, interface, operation in changing(contract):
        scopes = contract.components[name]["provides"][interface]["operations"][operation]["scopes"]
        if sum(each["scopes"] == scopes for *_, each in public(contract)) > 1:
            yield name, interface, operation


def open_door(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name, interface, operation in shared_scope(contract):
        if "audit" not in contract.components[name]["provides"][interface]["operations"][operation]:
            yield operation, set_operation(name, interface, operation, "scopes", auth="none")


def no_scope(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name, interface, operation in shared_scope(contract):
        yield operation, set_operation(name, interface, operation, "scopes")


def one_scope(contract: Contract) -> Iterator[tuple[str, Change]]:
    """What changes something is let in with the scope of what only reads."""
    reading = {(name, interface): own["scopes"] for name, interface, _, own in public(contract) if "GET" in str(own["http"])}
    for name, interface, operation in changing(contract):
        scopes = reading.get((name, interface))
        if scopes is not None and operation != "registerUser":
            yield operation, set_operation(name, interface, operation, scopes=scopes)


def set_scheme(**keys: Any) -> Change:
    def change(copy: Contract) -> None:
        scheme = copy.system("authentication")["group-idp"]
        for key, value in keys.items():
            scheme[key] = {**scheme[key], **value} if isinstance(value, dict) else value

    return change


def left_over(contract: Contract) -> Iterator[tuple[str, Change]]:
    yield "scope", set_scheme(scopes={"orders:export": "Export all orders."})
    yield "role", set_scheme(roles={"auditor": "Looks at everything."})
    yield "scope of no token", lambda copy: copy.system("authentication")["mesh"].update(scopes={"stock:write": "Change the stock."})


def long_life(contract: Contract) -> Iterator[tuple[str, Change]]:
    for lifetime in ("61m", "24h", "30d"):
        yield lifetime, set_scheme(lifetime=lifetime)


def no_audience(contract: Contract) -> Iterator[tuple[str, Change]]:
    """The issuer becomes known, and with it the question is answered but for the audience, of which nothing is asked any more."""
    for issuer in ("https://login.example.com", "https://login.example.com/realms/customers"):

        def change(copy: Contract, issuer: str = issuer) -> None:
            settles = copy.system("open_questions")["IQ-1"]["settles"]
            answered = [each for each in settles if each.startswith("authentication.")]
            copy.system("open_questions")["IQ-1"]["settles"] = [each for each in settles if each not in answered]
            copy.system("authentication")["group-idp"]["issuer"] = issuer

        yield issuer, change


def no_limit(contract: Contract) -> Iterator[tuple[str, Change]]:
    yield "api-gateway", put("api-gateway", "rate_limits", value=GONE)

    def second_gateway(copy: Contract) -> None:
        routes = [each for each in copy.components["api-gateway"]["uses"] if each.get("api") == "region-service.regions"]
        runtime = {**copy.components["api-gateway"]["runtime"], "image": "registry.example.com/partner-gateway:1.0.0"}
        own = {"component": "partner-gateway", "layer": "edge", "owner": "platform-team", "uses": routes, "runtime": runtime}
        copy.documents.append(own)

    yield "partner-gateway", second_gateway


def in_clear(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name, external in contract.system("externals").items():
        for endpoint, own in external["endpoints"].items():
            if own["protocol"] == "https":

                def change(copy: Contract, name: str = name, endpoint: str = endpoint) -> None:
                    copy.system("externals")[name]["endpoints"][endpoint]["protocol"] = "http"

                yield f"{name}.{endpoint}", change


def no_mesh(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name in contract.system("environments"):

        def change(copy: Contract, name: str = name) -> None:
            copy.system("environments")[name]["mesh"] = "none"

        yield name, change


def without(contract: Contract, key: str) -> Iterator[tuple[str, Change]]:
    """A call to a third party without a key that it has, and of which no question is open."""
    open_questions = [each for one in contract.system("open_questions").values() for each in one.get("settles", ())]
    for name, index, use in contract.uses(external=..., **{key: ...}):
        if f"{name}.uses.{key}" not in open_questions and "every" not in use:
            yield f"{name} → {use['external']}", put(name, "uses", index, key, value=GONE)


def no_timeout(contract: Contract) -> Iterator[tuple[str, Change]]:
    yield from without(contract, "timeout")
    for name, index, use in contract.uses(external="paybridge", every=..., timeout=...):
        yield f"timer of {name} → {use['external']}", put(name, "uses", index, "timeout", value=GONE)


def no_breaker(contract: Contract) -> Iterator[tuple[str, Change]]:
    yield from without(contract, "breaker")
    for name, index, use in contract.uses(external="mailrelay", breaker=...):
        yield f"false of {name} → {use['external']}", put(name, "uses", index, "breaker", value=False)


def no_credentials(contract: Contract) -> Iterator[tuple[str, Change]]:
    """Nobody asks for the credentials any more, and nothing says them."""
    for name in ("payment-service", "notification-service"):

        def change(copy: Contract, name: str = name) -> None:
            copy.system("open_questions")["IQ-1"]["settles"].remove(f"{name}.uses.credentials")

        yield name, change


def no_operations(contract: Contract) -> Iterator[tuple[str, Change]]:
    for name, index, use in contract.uses(api=..., operations=...):
        is_once = sum(each.get("api") == use["api"] for each in contract.components[name]["uses"]) == 1
        provider, interface = use["api"].split(".")
        operations = contract.components[provider]["provides"][interface]["operations"]
        is_all_reading = all(each.get("idempotency") == "safe" for each in operations.values())
        if is_once and not is_all_reading and len(operations) > 1 and contract.components[name]["runtime"].get("kind") != "gateway":
            yield f"{name} → {use['api']}", put(name, "uses", index, "operations", value=GONE)


def idle_access(contract: Contract) -> Iterator[tuple[str, Change]]:
    job = "customer-data-pipeline"
    own = contract.components[job]["uses_stores"]
    for store in ("order-service.order-db", "inventory-service.inventory-db", "payment-service.payment-db"):
        yield store, put(job, "uses_stores", value=[*own, {"store": store, "access": "read", "why": "left over"}])


DEFECTS: tuple[Defect, ...] = (
    Defect("public-without-auth", open_door, frozenset({"personal-without-auth"})),
    Defect("unscoped-write", no_scope),
    Defect("broad-scope", one_scope),
    Defect("unused-permission", left_over),
    Defect("long-lived-token", long_life),
    Defect("token-without-audience", no_audience),
    Defect("unlimited-public-api", no_limit),
    Defect("unencrypted-edge", in_clear),
    Defect("unencrypted-mesh", no_mesh),
    Defect("external-without-timeout", no_timeout),
    Defect("external-without-breaker", no_breaker),
    Defect("external-without-credentials", no_credentials),
    Defect("unnarrowed-use", no_operations),
    Defect("unused-access", idle_access),
)
