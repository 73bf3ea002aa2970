"""What a mesh's policies cannot tell apart."""

from __future__ import annotations

import copy
from collections.abc import Iterator

from defects import Change, Contract, Defect, put


def half_a_segment(contract: Contract) -> Iterator[tuple[str, Change]]:
    """A second way to read the same, whose path differs in part of a segment, and which one caller alone is declared to ask for."""
    for name, interface, operation in contract.operations():
        uses = list(contract.uses(api=f"{name}.{interface}"))
        found = contract.components[name]["provides"][interface]["operations"][operation]
        http = found.get("http")
        if isinstance(http, str) and http.startswith("GET ") and http.endswith("}") and any("operations" in use for _, _, use in uses):
            before, _, parameter = http.rpartition("{")
            other = {**copy.deepcopy(found), "http": f"{before}by-{{{parameter}"}
            yield f"{name}.{interface}.{operation}", put(name, "provides", interface, "operations", f"{operation}Again", value=other)


DEFECTS = (Defect("paths-alike-in-mesh", half_a_segment, frozenset({"unused-operation", "unrouted-call", "unrouted-operation"})),)
