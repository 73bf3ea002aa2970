"""What the package of models holds besides models: its names, its metadata, and the types that all models share."""

from __future__ import annotations

import json
import keyword
from collections.abc import Iterable
from itertools import chain

from generator import names, packages
from generator.dialects import DECIMAL_PATTERN, DURATION_PATTERN
from generator.graph import Graph

WIRE = "wire"
BASE = "ContractModel"
WIRE_TYPES = {"uuid": "Uuid", "date": "Date", "time": "Time", "date-time": "DateTime", "duration": "Duration", "decimal": "Decimal"}
"""Format to type of the wire module. Other formats are plain texts: Python's types for them would write back another text."""
WIRE_BYTES = "Base64"


def import_name(graph: Graph) -> str:
    return f"{names.snake(graph.name)}_contracts"


def module_name(id: str) -> str:
    """`ordering_orders` for the interface `ordering.orders`."""
    name = names.snake(id)
    return f"{name}_" if keyword.iskeyword(name) else name


def free(name: str, taken: set[str]) -> str:
    """The name, numbered when it is taken; taken from now on."""
    candidates = chain([name], (f"{name}{number}" for number in range(2, len(taken) + 3)))
    chosen = next(each for each in candidates if each not in taken)
    taken.add(chosen)
    return chosen


def pyproject(graph: Graph) -> str:
    return packages.pyproject(
        name=f"{graph.name}-contracts",
        version=packages.version(graph),
        description=f"Models of the interfaces and messages of {graph.system.header.title or graph.name}",
        dependencies=["pydantic>=2.11,<3"],
        module=import_name(graph),
    )


def init(graph: Graph, modules: Iterable[str]) -> str:
    listed = "".join(f"    {json.dumps(name)},\n" for name in sorted([*modules, WIRE]))
    return f"{_ABOUT.format(package=import_name(graph), name=graph.name)}\n__all__ = [\n{listed}]\n"


_ABOUT = '''\
"""Pydantic models of the contract {name}, a module for each interface and for each component's messages.

    order = Order.model_validate_json(body)                      # wire names and rules are those of the contract
    body = order.model_dump_json(exclude_none=True)              # a document that the contract allows
    same = order.model_dump_json(exclude_unset=True)             # what was read, and nothing besides
"""
'''

WIRE_SOURCE = f'''\
"""What all models share: how a document is read and written, and the values that have a text form of their own.

A document holds such a value as text of exactly this form; Python code gives and gets the value itself.
"""

from __future__ import annotations

import base64
import datetime
import decimal
import re
import uuid
from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, PlainSerializer


class {BASE}(BaseModel):
    """A document of the contract: read tolerantly (what it does not know is left out), written with the wire names."""

    model_config = ConfigDict(
        extra="ignore",
        validate_by_alias=True,
        validate_by_name=True,
        serialize_by_alias=True,
        validate_default=True,
        protected_namespaces=(),
    )


def _read(kind: type, form: str) -> BeforeValidator:
    pattern = re.compile(form, re.ASCII)

    def read(value: Any) -> Any:
        if isinstance(value, str):
            if not pattern.fullmatch(value):
                raise ValueError(f"the text is not of the form {{form}}")
        elif not isinstance(value, kind):
            raise ValueError(f"neither a text nor a {{kind.__name__}}")
        return value

    return BeforeValidator(read)


def _written(write: Callable[[Any], str]) -> PlainSerializer:
    return PlainSerializer(write, return_type=str, when_used="json")


def _instant(value: datetime.datetime | datetime.time) -> str:
    """RFC 3339 with as many digits as proto JSON writes: none, three or six, and Z for UTC."""
    precision = "seconds" if not value.microsecond else "microseconds" if value.microsecond % 1000 else "milliseconds"
    return re.sub(r"\\+00:00$", "Z", value.isoformat(timespec=precision))


def _bytes(value: Any) -> Any:
    if isinstance(value, str):
        return base64.b64decode(value, validate=True)
    if not isinstance(value, bytes):
        raise ValueError("neither a base64 text nor bytes")
    return value


_DAY = r"\\d{{4}}-\\d{{2}}-\\d{{2}}"
_CLOCK = r"\\d{{2}}:\\d{{2}}:\\d{{2}}(\\.\\d{{1,9}})?"
_OFFSET = r"([Zz]|[+-]\\d{{2}}:\\d{{2}})"

Uuid = Annotated[uuid.UUID, _read(uuid.UUID, r"[0-9A-Fa-f]{{8}}(-[0-9A-Fa-f]{{4}}){{3}}-[0-9A-Fa-f]{{12}}")]
Date = Annotated[datetime.date, _read(datetime.date, _DAY)]
Time = Annotated[datetime.time, _read(datetime.time, f"{{_CLOCK}}{{_OFFSET}}?"), _written(_instant)]
DateTime = Annotated[AwareDatetime, _read(datetime.datetime, f"{{_DAY}}[Tt]{{_CLOCK}}{{_OFFSET}}"), _written(_instant)]
Duration = Annotated[str, _read(str, r"{DURATION_PATTERN}")]
"""Stays a text: a timedelta would write PT90S as PT1M30S."""
Decimal = Annotated[decimal.Decimal, _read(decimal.Decimal, r"{DECIMAL_PATTERN}"), _written(lambda value: f"{{value:f}}")]
Base64 = Annotated[bytes, BeforeValidator(_bytes), _written(lambda value: base64.b64encode(value).decode("ascii"))]
'''
