"""Defects that are put into a clean contract, to see that the review finds each of them and nothing else."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from generator import yaml_writer
from generator.units import Duration

Document = dict[str, Any]


@dataclass(slots=True)
class Contract:
    """The documents of a contract as plain data, to be changed."""

    documents: list[Document]

    @classmethod
    def read(cls, folder: Path) -> Contract:
        yaml = YAML(typ="safe", pure=True)
        paths = sorted(folder.glob("*.yaml"))
        return cls([_plain(each) for path in paths for each in yaml.load_all(path.read_text(encoding="utf-8")) if each])

    def write(self, folder: Path) -> None:
        """As one file; locks and pages of the folder stay as they are."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "contract.yaml").write_text("---\n".join(yaml_writer.dump(each) for each in self.documents), encoding="utf-8")

    def copy(self) -> Contract:
        return Contract(copy.deepcopy(self.documents))

    @property
    def components(self) -> dict[str, Document]:
        """Documents of components by name."""
        return {each["component"]: each for each in self.documents if "component" in each}

    def system(self, key: str) -> Any:
        """The value of a system-wide key, wherever it stands; an empty mapping is put there when nothing has it."""
        for each in self.documents:
            if "component" not in each and key in each:
                return each[key]
        first = next(each for each in self.documents if "component" not in each)
        return first.setdefault(key, {})

    def uses(self, **keys: Any) -> Iterator[tuple[str, int, Document]]:
        """Component, index and use of each use that has all of these keys and values; `...` is any value."""
        for name, component in self.components.items():
            for index, use in enumerate(component.get("uses", [])):
                if all(key in use and value in (..., use[key]) for key, value in keys.items()):
                    yield name, index, use

    def operations(self) -> Iterator[tuple[str, str, str]]:
        """Component, interface and operation of every operation that a component provides itself."""
        for name, component in self.components.items():
            for interface, api in component.get("provides", {}).items():
                for operation in api["operations"]:
                    yield name, interface, operation


def _plain(value: Any) -> Any:
    """With dates as the texts that they are in a contract."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, date) else value


Change = Callable[[Contract], None]


@dataclass(frozen=True, slots=True)
class Defect:
    """One kind of defect: the rule that must find it, and the places of the clean contract that it can be put into."""

    rule: str
    inject: Callable[[Contract], Iterator[tuple[str, Change]]]
    """From the clean contract, names of places and what is to be done to a copy of it there."""
    beside: frozenset[str] = field(default_factory=frozenset)
    """Other rules that rightly find it as well: the same numbers break more than one."""


GONE = object()
"""Instead of a value: the key is taken away."""


def put(component: str, *keys: str | int, value: Any) -> Change:
    """Sets one value of a component's document, or takes it away; mappings on the way are made."""

    def change(contract: Contract) -> None:
        place: Any = contract.components[component]
        for key in keys[:-1]:
            place = place.setdefault(key, {}) if isinstance(place, dict) else place[key]
        if value is GONE:
            del place[keys[-1]]
        else:
            place[keys[-1]] = copy.deepcopy(value)

    return change


def both(*changes: Change) -> Change:
    """Several changes at once."""

    def change(contract: Contract) -> None:
        for each in changes:
            each(contract)

    return change


def milliseconds(duration: str) -> int:
    """Of a duration as contracts spell it."""
    return Duration.parse(duration).milliseconds
