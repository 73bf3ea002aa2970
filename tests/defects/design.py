"""Interfaces that look as if nobody had read the other ones."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from defects import Change, Contract, Defect, Document

MOST = 4


def shown_types(contract: Contract) -> Iterator[tuple[str, str]]:
    """Component and type of what an operation answers."""
    for name, interface, operation in contract.operations():
        response = operation_of(contract, name, interface, operation).get("response")
        if isinstance(response, str) and response in contract.components[name].get("types", {}):
            yield name, response


def operation_of(contract: Contract, name: str, interface: str, operation: str) -> Document:
    found: Document = contract.components[name]["provides"][interface]["operations"][operation]
    return found


def with_property(contract: Contract, name: str, schema: Any) -> Iterator[tuple[str, Change]]:
    """One more optional property in a type that an operation answers."""
    for component, shown in islice(dict.fromkeys(shown_types(contract)), MOST):

        def change(copy: Contract, component: str = component, shown: str = shown) -> None:
            copy.components[component]["types"][shown]["properties"][name] = schema

        yield f"{component}.{shown}", change


def odd_names(contract: Contract) -> Iterator[tuple[str, Change]]:
    return with_property(contract, "shelf_mark", {"type": "string"})


def odd_sorts(contract: Contract) -> Iterator[tuple[str, Change]]:
    """A name that the whole system has for a text, with a number."""
    for component, interface, operation in contract.operations():
        request = operation_of(contract, component, interface, operation).get("request")
        if isinstance(request, dict) and "customerId" not in request["properties"]:

            def change(copy: Contract, place: tuple[str, str, str] = (component, interface, operation)) -> None:
                operation_of(copy, *place)["request"]["properties"]["customerId"] = {"type": "integer", "format": "int32"}

            yield f"{component}.{interface}.{operation}", change


def public(contract: Contract) -> Iterator[tuple[str, str]]:
    """Component and interface of those that are offered over HTTP to others."""
    for name, component in contract.components.items():
        yield from ((name, interface) for interface, api in component.get("provides", {}).items() if api.get("visibility") == "public")


def bound(contract: Contract, http: str, added: Document) -> Iterator[tuple[str, Change]]:
    """One more operation in each public interface, protected as its others are."""
    for name, interface in public(contract):
        others = contract.components[name]["provides"][interface]["operations"]
        scopes = next((each["scopes"] for each in others.values() if "scopes" in each and str(each["http"]).startswith("GET")), None)
        protected = {"scopes": scopes} if scopes else {}

        def change(copy: Contract, name: str = name, interface: str = interface, protected: Document = protected) -> None:
            operation = {"summary": "Read more", "http": http, **protected, **added}
            copy.components[name]["provides"][interface]["operations"]["getShelf"] = operation
            routes = next(each for each in copy.components.values() if each.get("runtime", {}).get("kind") == "gateway")
            for use in routes["uses"]:
                if use.get("api") == f"{name}.{interface}" and "operations" in use:
                    use["operations"].append("getShelf")
                    break

        yield f"{name}.{interface}", change


SHELF: Document = {"type": "object", "required": ["room"], "properties": {"room": {"type": "string"}}}
SHELVES: Document = {"type": "array", "items": SHELF}
KEY: Document = {"shelf": {"type": "string"}}
NUMBER: Document = {"type": "integer", "format": "int32", "minimum": 0}


def odd_paths(contract: Contract) -> Iterator[tuple[str, Change]]:
    """The example has single words only: two segments that are unlike come together."""
    return bound(contract, "GET /{shelf}/book-shelves/hall/upper_rows", {"parameters": KEY, "response": SHELF})


def verbs(contract: Contract) -> Iterator[tuple[str, Change]]:
    return bound(contract, "GET /{shelf}/get-shelf", {"parameters": KEY, "response": SHELF})


def whole_lists(contract: Contract) -> Iterator[tuple[str, Change]]:
    return bound(contract, "GET /{shelf}/rows", {"parameters": KEY, "response": SHELVES})


def offsets(contract: Contract) -> Iterator[tuple[str, Change]]:
    return bound(contract, "GET /{shelf}/rows", {"parameters": {**KEY, "offset": NUMBER, "limit": NUMBER}, "response": SHELVES})


def silent(contract: Contract) -> Iterator[tuple[str, Change]]:
    return bound(contract, "GET /shelves/{shelf}", {"parameters": KEY, "response": SHELF})


def statuses(contract: Contract) -> Iterator[tuple[str, Change]]:
    """An error that an operation answers with already gets the name of another component's, which has another status."""
    taken = "OutOfStock"
    for name, component in contract.components.items():
        own = {error: each["status"] for error, each in component.get("errors", {}).items()}
        for error, status in own.items():
            if status not in (409, 404) and taken not in own:

                def change(copy: Contract, name: str = name, error: str = error) -> None:
                    changed = copy.components[name]
                    changed["errors"][taken] = changed["errors"].pop(error)
                    for api in changed["provides"].values():
                        for operation in api["operations"].values():
                            given = operation.get("errors", [])
                            operation["errors"] = [taken if each == error else each for each in given]

                yield f"{name}.{error}", change


DEFECTS = (
    Defect("mixed-casing", odd_names),
    Defect("unlike-parameters", odd_sorts),
    Defect("mixed-path-style", odd_paths),
    Defect("verb-in-path", verbs),
    Defect("unpaged-list", whole_lists),
    Defect("unlike-paging", offsets),
    Defect("missing-not-found", silent),
    Defect("unlike-errors", statuses),
)
