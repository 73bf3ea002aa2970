"""The laws of the lock: a number that was given is never given again, whatever happens to the contract."""

from __future__ import annotations

import copy
import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from random_contracts import Contract, contracts, locked, smaller, understood, write

from generator.diagnostics import has_errors
from generator.emit import proto
from generator.field_numbers import numbers
from generator.graph import Graph
from generator.model import LockedName
from generator.pipeline import understand, with_numbers
from generator.prove import buf
from generator.read.field_lock import read_lock, to_text

PACKAGE = "shop.orders.orders.v1"
CONTRACT = """
interlock: 1
system: {name: shop, owner: team}
---
component: orders
types:
  Status: {type: string, enum: [placed, shipped]}
  Order: {type: object, required: [id], properties: {id: {type: string}, status: {$ref: Status}, note: {type: string}}}
provides:
  orders: {version: "1.0.0", grpc: {}, operations: {find: {response: {type: object, properties: {order: {$ref: Order}}}}}}
"""
LAWS = settings(
    max_examples=40, deadline=None, derandomize=True, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


def fields(lines: tuple[LockedName, ...], message: str = "Order") -> dict[str, int | str]:
    """Number by name, with what is reserved marked."""
    own = [each for each in lines if each.scope == f"{PACKAGE}.{message}"]
    return {each.name: f"{each.number} reserved" if each.reserved else each.number for each in own}


def numbered(folder: Path, lock: str = "", **properties: Any) -> tuple[LockedName, ...]:
    """The lock after a run with these properties of Order; None takes one away."""
    first, component = yaml.safe_load_all(CONTRACT)
    order = component["types"]["Order"]
    order["properties"] = {name: each for name, each in {**order["properties"], **properties}.items() if each is not None}
    order["required"] = [name for name in order["required"] if name in order["properties"]]
    return run(folder, {"system": first, "orders": component}, lock).system.locked


def run(folder: Path, contract: Contract, lock: str = "") -> Graph:
    write(contract, folder)
    (folder / "proto.lock").write_text(lock)
    graph, found = understand(folder)
    assert graph is not None and not has_errors(found), found
    return with_numbers(graph)


TEXT = {"type": "string"}


def test_first_numbers_follow_the_canonical_order(tmp_path: Path) -> None:
    lines = numbered(tmp_path)
    assert fields(lines) == {"id": 1, "note": 2, "status": 3}
    assert fields(lines, "Status") == {"STATUS_PLACED": 1, "STATUS_SHIPPED": 2}


def test_adding_appends(tmp_path: Path) -> None:
    first = numbered(tmp_path)
    assert fields(numbered(tmp_path, to_text(first), a=TEXT, zz=TEXT)) == {"a": 4, "id": 1, "note": 2, "status": 3, "zz": 5}


def test_removing_reserves_and_coming_back_restores(tmp_path: Path) -> None:
    first = to_text(numbered(tmp_path))
    without = to_text(numbered(tmp_path, first, note=None))
    added = numbered(tmp_path, without, note=None, later=TEXT)
    assert fields(added) == {"id": 1, "note": "2 reserved", "status": 3, "later": 4}
    assert fields(numbered(tmp_path, to_text(added), later=TEXT)) == {"id": 1, "note": 2, "status": 3, "later": 4}


def test_a_message_that_goes_is_remembered(tmp_path: Path) -> None:
    first = numbered(tmp_path / "first")
    without = {"system": {"interlock": 1, "system": {"name": "shop", "owner": "team"}}, "orders": {"component": "orders"}}
    gone = understood(without, tmp_path / "gone", first).system.locked
    assert fields(gone) == {"id": "1 reserved", "note": "2 reserved", "status": "3 reserved"}
    assert numbered(tmp_path / "back", to_text(gone)) == first


def test_renaming_keeps_the_number(tmp_path: Path) -> None:
    first = to_text(numbered(tmp_path))
    renamed = numbered(tmp_path, first, note=None, remark={**TEXT, "x-renamed-from": "note"})
    assert fields(renamed) == {"id": 1, "remark": 2, "status": 3}
    assert fields(numbered(tmp_path, to_text(renamed), note=None, remark=TEXT)) == {"id": 1, "remark": 2, "status": 3}, (
        "once said, it holds"
    )
    assert fields(numbered(tmp_path, to_text(renamed), remark=TEXT)) == {"id": 1, "remark": 2, "status": 3, "note": 4}, (
        "the name is free again"
    )


def test_renaming_and_saying_the_number_is_one_field(tmp_path: Path) -> None:
    first = to_text(numbered(tmp_path))
    renamed = numbered(tmp_path, first, note=None, remark={**TEXT, "x-renamed-from": "note", "x-proto-number": 2})
    assert fields(renamed) == {"id": 1, "remark": 2, "status": 3}
    assert read_back(tmp_path, renamed) == renamed


def test_numbers_of_the_contract_come_first_and_new_ones_after_them(tmp_path: Path) -> None:
    assert fields(numbered(tmp_path, note={**TEXT, "x-proto-number": 1})) == {"note": 1, "id": 2, "status": 3}


def test_numbers_of_protobuf_are_passed_over(tmp_path: Path) -> None:
    assert fields(numbered(tmp_path, note={**TEXT, "x-proto-number": 18_999})) == {"note": 18_999, "id": 20_000, "status": 20_001}


def test_after_the_last_number_the_lowest_that_is_free(tmp_path: Path) -> None:
    lock = f"{PACKAGE}.Order gone = 2 reserved\n"
    assert fields(numbered(tmp_path, lock, note={**TEXT, "x-proto-number": 2**29 - 1})) == {
        "gone": "2 reserved",
        "note": 2**29 - 1,
        "id": 1,
        "status": 3,
    }


def test_a_name_in_the_wild_is_not_changed_for_a_new_one(tmp_path: Path) -> None:
    """`a1` and `a_1` are one name in JSON, so one must yield: never the one that has a number."""
    first = to_text(numbered(tmp_path, a_1=TEXT))
    grown = numbered(tmp_path, first, a_1=TEXT, a1=TEXT)
    assert fields(grown)["a_1"] == 1 + len(("id",))
    assert "a1_value" in fields(grown)
    alone = numbered(tmp_path, to_text(grown), a1=TEXT)
    assert fields(alone)["a1_value"] == fields(grown)["a1_value"], "and it stays when the other goes"


def test_who_has_had_a_name_can_be_said(tmp_path: Path) -> None:
    """The cure that the refusal of a name with two owners gives; the scenario `field-number-owners` shows the refusal."""
    scenario = Path(__file__).parent / "scenarios" / "refused" / "field-number-owners"
    text = (
        (scenario / "contract.yaml")
        .read_text()
        .replace("{type: object, properties: {street", "{type: object, x-proto-name: Address, properties: {street")
    )
    (tmp_path / "contract.yaml").write_text(text)
    shutil.copy(scenario / "proto.lock", tmp_path)
    graph, found = understand(tmp_path)
    assert graph is not None and not has_errors(found), found
    lines = numbers(graph)
    assert fields(lines, "Address") == {"street": 1}
    assert fields(lines, "OrdersAddress") == {"city": 1}


def test_a_type_keeps_its_name_when_the_other_of_that_name_goes(tmp_path: Path) -> None:
    """Else it would inherit the numbers of the other."""
    own, others = {"type": "object", "properties": {"city": TEXT}}, {"type": "object", "properties": {"street": TEXT}}
    home = {"type": "object", "properties": {"shop": {"$ref": "Address"}, "home": {"$ref": "customers.Address"}}}
    contract: Contract = {
        "system": {"interlock": 1, "system": {"name": "shop", "owner": "team"}},
        "customers": {"component": "customers", "types": {"Address": others}},
        "orders": {"component": "orders", "types": {"Address": own}},
    }
    contract["orders"]["provides"] = {"orders": {"version": "1.0.0", "grpc": {}, "operations": {"find": {"response": home}}}}
    both = run(tmp_path, contract).system.locked
    assert fields(both, "CustomersAddress") == {"street": 1}
    del home["properties"]["shop"]  # type: ignore[attr-defined]  # it is a mapping
    del contract["orders"]["types"]["Address"]
    one = run(tmp_path, contract, to_text(both)).system.locked
    assert (fields(one, "CustomersAddress"), fields(one, "Address")) == ({"street": 1}, {"city": "1 reserved"})


# --- the file ---------------------------------------------------------------------------------------------------------


def read_back(folder: Path, lines: tuple[LockedName, ...]) -> tuple[LockedName, ...]:
    (folder / "lock").write_text(to_text(lines))
    read, found = read_lock(folder / "lock", "lock")
    assert not found
    return read


def test_branches_that_touch_different_messages_merge(tmp_path: Path) -> None:
    """As lines are sorted, Git merges them line by line; the union is what one branch with both changes would have."""
    first, component = yaml.safe_load_all(CONTRACT)
    contract = {"system": first, "orders": component}
    base = to_text(run(tmp_path, contract).system.locked)
    ours, theirs, both = (copy.deepcopy(contract) for _ in range(3))
    for branch in (ours, both):
        branch["orders"]["types"]["Order"]["properties"]["ours"] = TEXT
    for branch in (theirs, both):
        branch["orders"]["types"]["Status"]["enum"].append("theirs")
    locks = [to_text(run(tmp_path, each, base).system.locked).splitlines(keepends=True) for each in (ours, theirs)]
    merged = "".join(sorted({*locks[0], *locks[1]}))
    assert run(tmp_path, both, merged).system.locked == run(tmp_path, both, base).system.locked


@pytest.mark.parametrize(
    ("text", "code", "line", "related"),
    [
        ("a.B x = 1\na.B y = 1\n", "lock-conflict", 2, 1),
        ("a.B x = 1\na.B x = 2\n", "lock-conflict", 2, 1),
        ("a.B x = 1 reserved\na.B y = 1\n", "lock-conflict", 2, 1),
        ("<<<<<<< ours\na.B x = 1\n", "lock-conflict", 1, None),
        ("a.B x = 0\n", "broken-lock", 1, None),
        ("a.B x = 01\n", "broken-lock", 1, None),
        ("a.B x = 19000\n", "broken-lock", 1, None),
        ("a.B x = 536870912\n", "broken-lock", 1, None),
        ("a.B größe = 1\n", "broken-lock", 1, None),
        ("a.B x = 1 gone\n", "broken-lock", 1, None),
    ],
)
def test_a_bad_merge_is_refused(tmp_path: Path, text: str, code: str, line: int, related: int | None) -> None:
    (tmp_path / "lock").write_text(text)
    _, found = read_lock(tmp_path / "lock", "lock")
    assert [(each.code, each.at.line) for each in found] == [(code, line)]
    assert [each.at.line for each in found[0].related] == ([related] if related else [])


def test_ends_of_lines_and_marks_of_windows_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / "lock").write_bytes("\ufeff# heading\r\na.B x = 1\r\n\r\n".encode())
    assert read_lock(tmp_path / "lock", "lock") == ((LockedName("a.B", "x", 1),), [])


# --- laws, on random contracts ----------------------------------------------------------------------------------------


@LAWS
@given(contract=contracts(), chance=st.randoms(use_true_random=False))
def test_reordering_changes_nothing(contract: Contract, chance: random.Random, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("contract")
    assert understood(shuffled(contract, chance), folder).system.locked == understood(contract, folder).system.locked


def shuffled(node: Any, chance: random.Random) -> Any:
    if isinstance(node, list):
        return chance.sample([shuffled(each, chance) for each in node], len(node))
    if isinstance(node, dict):
        return {key: shuffled(node[key], chance) for key in chance.sample(list(node), len(node))}
    return node


def grown(small: Contract, big: Contract, folder: Path) -> Iterator[tuple[Graph, Graph]]:
    """The contract before and after it grew; nothing where the new name is one that only people can tell apart."""
    before = understood(small, folder)
    _, found = understand(write(big, folder, before.system.locked))
    if not {each.code for each in found} & {"name-collision"}:
        yield before, understood(big, folder, before.system.locked)


@LAWS
@given(data=st.data())
def test_growing_keeps_every_number_and_shrinking_forgets_none(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("contract")
    big = data.draw(contracts())
    small = data.draw(smaller(big))
    for before, after in grown(small, big, folder):
        assert locked(before).items() <= locked(after).items()
        assert read_back(folder, after.system.locked) == after.system.locked
        again = understood(small, folder, after.system.locked)
        assert locked(again) == locked(before)
        everything = {(each.scope, each.name, each.number) for each in again.system.locked}
        assert everything == {(each.scope, each.name, each.number) for each in after.system.locked}
        assert locked(understood(big, folder, again.system.locked)) == locked(after)


@LAWS
@given(data=st.data())
def write_both(data: st.DataObject, folder: Path, count: Iterator[int]) -> None:
    """A random system before and after it grew, among the others, so that Buf is asked once."""
    big = copy.deepcopy(data.draw(contracts()))
    big["system"]["system"]["name"] = f"system-{next(count)}"
    for versions in grown(data.draw(smaller(big)), big, folder / "contract"):
        for graph, name in zip(versions, ("before", "after"), strict=True):
            emit(graph, folder / name)


def emit(graph: Graph, folder: Path) -> None:
    for artifact in proto.emit(graph):
        (folder / artifact.path).parent.mkdir(parents=True, exist_ok=True)
        (folder / artifact.path).write_text(artifact.text, encoding="utf-8")


def breaking(folder: Path) -> list[str]:
    done = buf.run("breaking", "after", "--against", "before", "--error-format=json", folder=folder)
    return [each.message for each in buf.findings("buf breaking", done)] or ([buf.words(done)] if done.returncode else [])


def test_buf_finds_nothing_in_what_only_grew(tmp_path: Path) -> None:
    write_both(folder=tmp_path, count=iter(range(10_000)))
    assert len(list((tmp_path / "before").rglob("*.proto"))) > 50
    assert breaking(tmp_path) == []


GROWTH = {
    "a property": ("note: {type: string}", "note: {type: string}, added: {type: string}"),
    "an enum value": ("shipped]", "shipped, added]"),
    "an operation": ("operations: {", "operations: {added: {response: {$ref: Order}}, "),
    "an interface": ("provides:\n", 'provides:\n  added: {version: "1.0.0", grpc: {}, operations: {add: {request: Order}}}\n'),
    "an event": ("provides:\n", 'publishes: {Added: {version: "1.0.0", encoding: protobuf, payload: Order}}\nprovides:\n'),
    "a parameter": ("find: {", "find: {parameters: {added: {type: string}}, "),
}
CHANGES = {
    "a type": ("note: {type: string}", "note: {type: integer}", "changed type"),
    "a list": ("note: {type: string}", "note: {type: array, items: {type: string}}", "cardinality"),
    "a property that is gone": (", note: {type: string}", "", "was deleted"),
    "a message": ("$ref: Order}}", "$ref: Status}}", "changed type"),
}


@pytest.mark.parametrize("what", GROWTH)
def test_buf_finds_nothing_when_there_is_more(what: str, tmp_path: Path) -> None:
    assert changed(*GROWTH[what], tmp_path) == []


@pytest.mark.parametrize("what", CHANGES)
def test_buf_finds_what_breaks(what: str, tmp_path: Path) -> None:
    before, after, words = CHANGES[what]
    assert any(words in each for each in changed(before, after, tmp_path))


def changed(before: str, after: str, folder: Path) -> list[str]:
    assert before in CONTRACT
    system = CONTRACT.replace("owner: team", "owner: team, broker: {kind: kafka}, envelope: none")
    lock: tuple[LockedName, ...] = ()
    for name, text in (("before", system), ("after", system.replace(before, after))):
        contract = dict(zip(("system", "orders"), yaml.safe_load_all(text), strict=True))
        graph = understood(contract, folder / "contract", lock)
        lock = graph.system.locked
        emit(graph, folder / name)
    return breaking(folder)
