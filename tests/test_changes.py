"""From one contract to the next: what breaks, whom, which version that wants, and who goes first.

Each case of `tests/changes/*.yaml` turns the contract of `base.yaml` into another one: `set` gives values at places (`orders/types/Order`),
`drop` takes them away; what is `given` holds before and after. `found` are the findings of the change, `back` those of the way back. Findings about versions are
left out, except in `versions.yaml`: a case there need not raise each version to be about something else.
"""

from __future__ import annotations

import copy
import json
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_contracts import Contract, systems, write
from ruamel.yaml import YAML

from generator import changes, previous
from generator.diagnostics import Diagnostic, Severity
from generator.graph import Graph
from generator.manual import HEADING, NAME
from generator.pipeline import understand

FOLDER = Path(__file__).parent / "changes"
Documents = dict[str, Any]
"""Documents by component; the system's is called `system`."""


def load(path: Path) -> list[Any]:
    return list(YAML(typ="safe", pure=True).load_all(path.read_text(encoding="utf-8")))


BASE: Documents = {each.get("component", "system"): each for each in load(FOLDER / "base.yaml")}
CASES = {
    f"{path.stem}: {name}": case for path in sorted(FOLDER.glob("*.yaml")) if path.stem != "base" for name, case in load(path)[0].items()
}


def earlier(case: dict[str, Any]) -> Documents:
    return changed(BASE, case.get("given", {}))


def changed(documents: Documents, case: dict[str, Any]) -> Documents:
    documents = copy.deepcopy(documents)
    for place in case.get("drop", ()):
        *way, last = place.split("/")
        del inside(documents, way)[last]
    for place, value in case.get("set", {}).items():
        *way, last = place.split("/")
        inside(documents, way)[last] = value
    return documents


def inside(node: Any, way: list[str]) -> Any:
    for key in way:
        node = node[int(key)] if isinstance(node, list) else node.setdefault(key, {})
    return node


def understood(documents: Documents, folder: Path) -> Graph:
    folder.mkdir()
    with (folder / "contract.yaml").open("w", encoding="utf-8") as file:
        YAML(typ="safe", pure=True).dump_all(documents.values(), file)
    graph, found = understand(folder)
    assert graph is not None
    known = {"unknown-api", "unknown-operation", "unknown-event", "unknown-command", "unclear-protocol", "unknown-property"}
    assert [spelt(each) for each in found if each.severity is Severity.ERROR and each.code not in known] == []
    return graph


def spelt(found: Diagnostic) -> str:
    return f"{found.severity}[{found.code}]: {found.message}"


@pytest.mark.parametrize("way", ["found", "back"])
@pytest.mark.parametrize("name", CASES)
def test_change(name: str, way: str, tmp_path: Path) -> None:
    case = CASES[name]
    before, after = understood(earlier(case), tmp_path / "base"), understood(changed(earlier(case), case), tmp_path / "changed")
    found = changes.compare(before, after) if way == "found" else changes.compare(after, before)
    shown = [spelt(each) for each in found if name.startswith("versions: ") or not each.code.startswith("version-")]
    assert sorted(shown) == sorted(case.get(way, []))
    present = tmp_path / ("changed" if way == "found" else "base")
    for each in found:
        assert {at.file for at in (each.at, *(other.at for other in each.related))} == {f"{present.as_posix()}/contract.yaml"}


def test_every_finding_has_its_page() -> None:
    pages = [(rule.__doc__ or "").partition("\n\n") for rule in changes.RULES]
    headings = [HEADING.fullmatch(opening) for opening, _, _ in pages]
    named = [name for heading in headings if heading is not None for name, _ in NAME.findall(heading[1])]
    assert named == ["breaking-change", "unreadable-change", "version-below-change", "version-goes-back", "deploy-order"]
    assert all("\n    Fix: " in rest for _, _, rest in pages)


# --- nothing has changed ----------------------------------------------------------------------------------------------


def test_other_files_and_another_order_are_no_change(tmp_path: Path) -> None:
    before = understood(BASE, tmp_path / "base")
    folder = tmp_path / "moved" / "inner"
    folder.mkdir(parents=True)
    for name, document in reversed(BASE.items()):
        turned = dict(reversed(document.items()))
        (folder / f"z-{name}.yaml").write_text(json.dumps(turned), encoding="utf-8")
    after, _ = understand(folder.parent)
    assert after is not None and changes.compare(before, after) == []


@settings(max_examples=15, derandomize=True, deadline=None)
@given(systems())
def test_a_contract_is_like_itself_and_takes_optional_properties(contract: Contract) -> None:
    with tempfile.TemporaryDirectory() as folder:
        same, copied = (read(contract, Path(folder) / name) for name in ("same", "copied"))
        assert changes.compare(same, copied) == []
        grown = copy.deepcopy(contract)
        for each in list(objects(grown)):
            each["properties"]["addedLater"] = {"type": "string"}
        found = changes.compare(same, read(grown, Path(folder) / "grown"))
        assert {each.code for each in found} <= {"version-below-change"}, [spelt(each) for each in found]


def read(contract: Contract, folder: Path) -> Graph:
    graph, _ = understand(write(contract, folder))
    assert graph is not None
    return graph


def objects(node: Any) -> Iterator[Contract]:
    """Every object type that has properties and is open for more."""
    for each in list(node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()):
        yield from objects(each)
    is_object = isinstance(node, dict) and node.get("type") == "object" and isinstance(node.get("properties"), dict)
    if is_object and node.get("additionalProperties") is not False:
        yield node


# --- an independent judge ---------------------------------------------------------------------------------------------

TEXTS = ("", "a", "z", "ab", "zz", "abc", "abcd", "zzzz", "abcde", "2026-11-26", "7d1f0c1e-5b0a-4f0e-9f35-3f1d1a7c2b10", "12.50")
NUMBERS = (-(2**31) - 1, *range(-1, 8), *(each + 0.5 for each in range(-1, 8)), 2**31, 2**40)
VALUES: tuple[Any, ...] = (*TEXTS, *NUMBERS, True)
SCALARS = st.one_of(
    st.fixed_dictionaries({"type": st.just("string")}, optional={"minLength": st.integers(1, 2), "maxLength": st.integers(2, 4)}),
    st.fixed_dictionaries({"type": st.just("string"), "format": st.sampled_from(["date", "uuid", "decimal"])}),
    st.fixed_dictionaries({"type": st.just("string"), "enum": st.lists(st.sampled_from(["a", "ab", "abcd"]), min_size=1, unique=True)}),
    st.fixed_dictionaries(
        {"type": st.just("integer")},
        optional={
            "format": st.sampled_from(["int32", "int64", "uint32"]),
            "minimum": st.integers(0, 1),
            "exclusiveMaximum": st.integers(2, 6),
            "multipleOf": st.integers(2, 3),
        },
    ),
    st.fixed_dictionaries({"type": st.just("number")}, optional={"exclusiveMinimum": st.integers(0, 1), "maximum": st.integers(2, 6)}),
    st.just({"type": "boolean"}),
)


@st.composite
def types(draw: st.DrawFn, depth: int = 2) -> Contract:
    kind = draw(st.sampled_from(["scalar", "list", "object", "object"] if depth else ["scalar"]))
    if kind == "list":
        return {"type": "array", "items": draw(types(depth - 1)), **draw(st.sampled_from([{}, {"minItems": 1}, {"maxItems": 1}]))}
    if kind == "object":
        properties = {name: draw(types(depth - 1)) for name in draw(st.sets(st.sampled_from("abc"), min_size=1))}
        required = [name for name in sorted(properties) if draw(st.booleans())]
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            **draw(st.sampled_from([{}, {"additionalProperties": False}])),
        }
    return draw(SCALARS)


@st.composite
def turned(draw: st.DrawFn, schema: Contract) -> Contract:
    """The type with small changes, or another one."""
    how = draw(st.integers(0, 9))
    if how == 0:
        return draw(types(1))
    if schema["type"] == "array":
        return {**schema, "items": draw(turned(schema["items"]))}
    if schema["type"] != "object":
        return draw(SCALARS) if how < 4 else schema
    properties = {name: draw(turned(each)) for name, each in schema["properties"].items() if draw(st.integers(0, 9))} or {
        "a": {"type": "boolean"}
    }
    if how < 4:
        properties[draw(st.sampled_from("abcd"))] = draw(SCALARS)
    required = [name for name in sorted(properties) if draw(st.integers(0, 5)) and (name in schema["required"])]
    return {**schema, "properties": properties, "required": required + ([] if how != 5 or required else sorted(properties)[:1])}


def values(schema: Contract) -> Iterator[Any]:
    """Some values of a type: all that are near a bound, each property with each of its first values."""
    if schema["type"] == "array":
        inner = list(values(schema["items"]))
        candidates: list[Any] = [[], *([each] for each in inner), inner[:2]]
    elif schema["type"] == "object":
        given = {name: list(values(each)) for name, each in schema["properties"].items()}
        whole = {name: each[0] for name, each in given.items() if each}
        candidates = [whole, {name: whole[name] for name in schema["required"] if name in whole}]
        candidates += [{**whole, name: each} for name, some in given.items() for each in some]
    else:
        candidates = list(VALUES)
    yield from (each for each in candidates if is_valid(schema, each))


def is_valid(schema: Contract, value: Any) -> bool:
    return jsonschema.Draft7Validator(spelled_out(schema), format_checker=jsonschema.FormatChecker()).is_valid(value)


def spelled_out(schema: Contract) -> Contract:
    """What plain validators do not know: the bounds of widths, the form of a decimal; and 1.0 is no integer on every wire."""
    extra: Contract = {}
    if schema.get("format") in ("int32", "uint32"):
        least, most = (0, 2**32 - 1) if schema["format"] == "uint32" else (-(2**31), 2**31 - 1)
        extra = {"allOf": [{"minimum": least, "maximum": most}]}
    if schema.get("format") == "decimal":
        extra = {"pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
    inner = {"items": spelled_out(schema["items"])} if "items" in schema else {}
    inner |= {"properties": {name: spelled_out(each) for name, each in schema["properties"].items()}} if "properties" in schema else {}
    return {**schema, **inner, **extra}


def exchanged(schema: Contract) -> Documents:
    """The type as what is written, and as what is read."""
    apis = {
        "in": {"takeIt": {"http": "POST /", "request": {"$ref": "It"}}},
        "out": {"giveIt": {"http": "GET /", "response": {"$ref": "It"}}},
    }
    provided = {name: {"version": "1.0.0", "http": {"base": f"/{name}"}, "operations": each} for name, each in apis.items()}
    return {
        "system": {"interlock": 1, "system": {"name": "sample", "owner": "crew"}},
        "one": {"component": "one", "types": {"It": schema}, "provides": provided},
    }


@settings(max_examples=150, derandomize=True, deadline=None)
@given(st.data())
def test_what_is_called_compatible_is_so_for_json_schema(data: st.DataObject) -> None:
    old = data.draw(types())
    new = data.draw(turned(old))
    with tempfile.TemporaryDirectory() as folder:
        before, after = (understood(exchanged(each), Path(folder) / name) for name, each in (("before", old), ("after", new)))
        found = changes.compare(before, after)
    broken = {each.message.split('"')[1] for each in found if each.code == "breaking-change"}
    for subject, written, taken in (("one.in", old, new), ("one.out", new, old)):
        if subject not in broken:
            assert [each for each in values(written) if not is_valid(taken, each)] == [], (subject, old, new)


@settings(max_examples=150, derandomize=True, deadline=None)
@given(SCALARS, SCALARS)
def test_what_is_called_broken_is_so_for_json_schema(old: Contract, new: Contract) -> None:
    """Of single values, as far as these can show; steps with bounds, and forms with lengths, are more than is looked into."""
    said = {*old, *new}
    has_both = "format" in said and {"minLength", "maxLength"} & said
    if "multipleOf" in said or has_both or not (list(values(old)) and list(values(new))):
        return
    with tempfile.TemporaryDirectory() as folder:
        before, after = (understood(exchanged(each), Path(folder) / name) for name, each in (("before", old), ("after", new)))
        found = changes.compare(before, after)
    broken = {each.message.split('"')[1] for each in found if each.code == "breaking-change"}
    for subject, written, taken in (("one.in", old, new), ("one.out", new, old)):
        if subject in broken:
            assert [each for each in values(written) if not is_valid(taken, each)], (subject, old, new)


# --- an earlier contract ----------------------------------------------------------------------------------------------


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits: the shop with one more event first, and a second system only in the second."""
    top = tmp_path / "repository"
    (top / "contracts").mkdir(parents=True)
    understood(BASE, top / "contracts" / "shop")
    git(top, "init", "--quiet", "--initial-branch=main")
    commit(top, "first")
    (top / "contracts" / "shop" / "contract.yaml").unlink()
    (top / "contracts" / "shop").rmdir()
    understood(changed(BASE, {"drop": ["orders/publishes/OrderPlaced"]}), top / "contracts" / "shop")
    understood(BASE, top / "contracts" / "mill")
    commit(top, "second")
    return top


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "--no-gpg-sign", f"--message={message}")
    git(folder, "tag", message)


def state(folder: Path) -> Mapping[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("ref", ["first", "HEAD~1", "main~1"])
def test_an_earlier_contract_comes_from_git_and_nothing_is_touched(repository: Path, ref: str) -> None:
    folder = repository / "contracts" / "shop"
    before = state(repository)
    with previous.contract(folder, ref) as earlier:
        assert earlier.name == "shop" and repository not in earlier.parents
        old, _ = understand(earlier)
    new, _ = understand(folder)
    assert old is not None and new is not None
    assert '"orders.OrderPlaced" over kafka: it is gone' in "\n".join(each.message for each in changes.compare(old, new))
    assert not earlier.exists() and state(repository) == before


def test_an_earlier_contract_can_be_a_folder(tmp_path: Path) -> None:
    understood(BASE, tmp_path / "shop")
    for ref in (tmp_path, tmp_path / "shop"):
        with previous.contract(tmp_path / "shop", ref.as_posix()) as earlier:
            assert earlier == tmp_path / "shop"


@pytest.mark.parametrize(
    ("system", "ref", "says"),
    [
        ("shop", "nowhere", "'nowhere' is neither a folder nor a commit that Git knows here"),
        ("shop", "--help", "'--help' is neither a folder nor a commit that Git knows here"),
        ("mill", "first", "there is no system mill at first"),
    ],
)
def test_what_is_not_there_is_said(repository: Path, system: str, ref: str, says: str) -> None:
    with pytest.raises(previous.PreviousError, match=says), previous.contract(repository / "contracts" / system, ref):
        pass


def test_outside_of_a_repository_only_folders_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", tmp_path.as_posix())
    (tmp_path / "shop").mkdir()
    with pytest.raises(previous.PreviousError, match="is in no Git repository"), previous.contract(tmp_path / "shop", "main"):
        pass
    monkeypatch.setenv("PATH", "")
    with pytest.raises(previous.PreviousError, match="not installed"), previous.contract(tmp_path / "shop", "main"):
        pass
