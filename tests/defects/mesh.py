"""What a mesh's policies cannot tell apart."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from defects import Change, Contract, Defect, put


def half_a_segment(contract: Contract) -> Iterator[tuple[str, Change]]:
    """A second way to read the same, whose path differs in part of a segment: one caller alone may ask for it, or without the rights."""
    for name, interface, operation in contract.operations():
        uses = list(contract.uses(api=f"{name}.{interface}"))
        found = contract.components[name]["provides"][interface]["operations"][operation]
        http = found.get("http")
        if not (isinstance(http, str) and http.startswith("GET ") and http.endswith("}")):
            continue
        before, _, parameter = http.rpartition("{")
        rights = {"scopes", "roles"} & found.keys()
        if rights or any("operations" in use for _, _, use in uses):
            other = {key: copy.deepcopy(value) for key, value in found.items() if key not in rights} | {"http": f"{before}by-{{{parameter}"}
            yield f"{name}.{interface}.{operation}", put(name, "provides", interface, "operations", f"{operation}Again", value=other)


DEFECTS = (Defect("paths-alike-in-mesh", half_a_segment, frozenset({"unused-operation", "unrouted-call", "unrouted-operation"})),)
