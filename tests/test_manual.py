"""Whatever can be reported has a page in the manual, and the pages say of it what the code says."""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml
from conftest import ROOT

from generator import changes, faults, manual, review
from generator.diagnostics import Severity

GENERATOR = ROOT / "generator"
Function = ast.FunctionDef
OPEN = "*"
"""Stands for the part of a code that only a run knows."""
OF_TOOLS = {
    "asyncapi-parser/*": "rules of the parser",
    "buf lint/*": "rules of buf",
    "datacontract/*": "verdicts of datacontract lint",
    "grafana-schema/*": "numbers of TypeScript's errors",
    "istio-analyze/*": "message codes of Istio's analyzers",
    "istio-check/*": "severities of Istio's validation",
    "istioctl-analyze/*": "message codes of Istio's analyzers",
    "kube-score/*": "checks of kube-score",
    "kubernetes-validate/*": "keywords of JSON Schema",
    "promtool-test-rules/*": "tags of promtool's report",
    "redocly/*": "rules of Redocly",
}
"""Codes whose last part is the tool's own word, which is in the tool's manual and not in ours."""
RECORDS = {"pattern": "generator.model.marks.Pattern", "change": "generator.changes.subjects.Change"}
"""Records that say what code is reported, by the name that a variable with one has."""
RULES = (*review.MANUAL, *changes.RULES)
OF_RULES = ("generator.review", "generator.changes")
NOT_YAML = {"invalid-yaml": "its example is what it is about"}
WITHOUT_EXAMPLE = ("tools", "files")
"""Families that no line of a contract can show."""


@dataclass(slots=True)
class Module:
    """A module's syntax: its functions by name, and what it imports of the generator."""

    path: Path
    tree: ast.Module
    functions: dict[str, list[Function]] = field(default_factory=dict)
    constants: dict[str, ast.expr] = field(default_factory=dict)
    imported: dict[str, str] = field(default_factory=dict)
    """A name that the module uses, and where it is from: `generator.prove.promtool`, `generator.prove.openapi_spec.load`."""
    within: dict[ast.AST, Function] = field(default_factory=dict)
    """The innermost function around each node."""


@dataclass(frozen=True, slots=True)
class Reported:
    """One way to report a code: how bad, and the function in which it is spelt."""

    code: str
    severity: str
    where: Where


# --- reading the generator --------------------------------------------------------------------------------------------


def _module(path: Path) -> Module:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    module = Module(path, tree)
    waiting: list[tuple[ast.AST, Function | None]] = [(tree, None)]
    while waiting:
        node, function = waiting.pop()
        if function is not None:
            module.within[node] = function
        waiting += [(child, node if isinstance(node, Function) else function) for child in ast.iter_child_nodes(node)]
        if isinstance(node, Function):
            module.functions.setdefault(node.name, []).append(node)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("generator"):
            module.imported |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    module.constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return module


def _dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@functools.cache
def modules() -> dict[str, Module]:
    """All of the generator, read when a test asks for it and not by each worker that collects."""
    return {_dotted(path): _module(path) for path in sorted(GENERATOR.rglob("*.py"))}


@functools.cache
def names() -> dict[int, str]:
    return {id(module): name for name, module in modules().items()}


def _meant(module: Module, callee: ast.expr) -> Iterator[tuple[Module, Function]]:
    """The functions that a call may mean: the module's own, an imported one, or any method of that name."""
    if isinstance(callee, ast.Name):
        if callee.id in module.functions:
            yield from ((module, each) for each in module.functions[callee.id])
        elif callee.id in module.imported:
            owner, _, name = module.imported[callee.id].rpartition(".")
            yield from ((modules()[owner], each) for each in modules()[owner].functions.get(name, ())) if owner in modules() else ()
    elif isinstance(callee, ast.Attribute):
        origin = module.imported.get(callee.value.id) if isinstance(callee.value, ast.Name) else None
        if origin in modules():
            yield from ((modules()[origin], each) for each in modules()[origin].functions.get(callee.attr, ()))
        else:
            yield from (
                (other, each)
                for other in modules().values()
                for each in other.functions.get(callee.attr, ())
                if _parameters(each)[:1] == ["self"]
            )


def _parameters(function: Function) -> list[str]:
    return [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]


def _argument(call: ast.Call, function: Function, name: str) -> ast.expr | None:
    """What a call gives for a parameter; None where it leaves it to the default."""
    parameters = [each for each in _parameters(function) if each != "self"]
    given = {each.arg: each.value for each in call.keywords}
    index = parameters.index(name)
    return given.get(name) or (call.args[index] if index < len(call.args) else None)


@functools.cache
def _calls() -> dict[str, list[tuple[Module, ast.Call]]]:
    """Every call of the generator, by the last name of what is called."""
    found: dict[str, list[tuple[Module, ast.Call]]] = {}
    for module in modules().values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and isinstance(node.func, (ast.Name, ast.Attribute)):
                name = node.func.id if isinstance(node.func, ast.Name) else node.func.attr
                found.setdefault(name, []).append((module, node))
    return found


# --- what an expression may be ----------------------------------------------------------------------------------------

Where = tuple[str, str]
"""A module and a function of it."""
Text = tuple[str, Where]
Value = tuple[tuple[str, ...], Where]
"""One thing that a tuple of expressions may be together, and the function in which its first part is spelt."""


def values(module: Module, parts: tuple[ast.expr, ...], depth: int = 0) -> Iterator[Value]:
    """What the parts may be at the same time: texts that are chosen together are not mixed."""
    together = tuple(each.id for each in parts if isinstance(each, ast.Name))
    if len(together) == len(parts) > 1:
        bound = list(_bound(module, parts[0], together))
        if bound:
            for owner, expressions in bound:
                yield from values(owner, expressions, depth + 1)
            return
    alternatives = [list(_texts(module, each, depth)) for each in parts]
    for combined in itertools.product(*alternatives):
        yield tuple(text for text, _ in combined), combined[0][1]


def _bound(module: Module, at: ast.expr, names: tuple[str, ...]) -> Iterator[tuple[Module, tuple[ast.expr, ...]]]:
    """The expressions that a function gives to several names in one statement, or that a loop takes from what it goes through."""
    function = module.within.get(at)
    for node in ast.walk(function) if function is not None else ():
        if isinstance(node, (ast.For, ast.comprehension)):
            target, given = node.target, list(_items(module, node.iter, set()))
        elif isinstance(node, ast.Assign):
            target, given = node.targets[0], list(_alternatives(module, node.value))
        else:
            continue
        listed = [each.id if isinstance(each, ast.Name) else "" for each in target.elts] if isinstance(target, ast.Tuple) else []
        for owner, value in given if set(names) <= set(listed) else ():
            if isinstance(value, ast.Tuple) and len(value.elts) == len(listed):
                yield owner, tuple(value.elts[listed.index(name)] for name in names)


def _alternatives(module: Module, value: ast.expr) -> Iterator[tuple[Module, ast.expr]]:
    if isinstance(value, ast.IfExp):
        yield from ((module, each) for each in (value.body, value.orelse))
    else:
        yield module, value


def _items(module: Module, source: ast.expr, seen: set[ast.expr]) -> Iterator[tuple[Module, ast.expr]]:
    """What a loop over an expression is given, as far as it is written out."""
    if source in seen:
        return
    seen.add(source)
    if isinstance(source, (ast.Tuple, ast.List)):
        for each in source.elts:
            yield from _items(module, each.value, seen) if isinstance(each, ast.Starred) else ((module, each),)
    elif isinstance(source, ast.Call):
        for owner, function in _meant(module, source.func):
            yield from _yielded(owner, function, seen)
    for part in _same_items(module, source):
        yield from _items(module, part, seen)


def _yielded(module: Module, function: Function, seen: set[ast.expr]) -> Iterator[tuple[Module, ast.expr]]:
    for node in ast.walk(function):
        if isinstance(node, ast.Yield) and node.value is not None:
            yield module, node.value
        elif isinstance(node, (ast.YieldFrom, ast.Return)) and node.value is not None:
            yield from _items(module, node.value, seen)


def _same_items(module: Module, source: ast.expr) -> Iterator[ast.expr]:
    """Expressions whose items a loop over the source is given, too."""
    if isinstance(source, ast.IfExp):
        yield from (source.body, source.orelse)
    elif isinstance(source, ast.BoolOp):
        yield from source.values
    elif isinstance(source, ast.Call):
        yield from source.args  # list(…), sorted(…)
    elif isinstance(source, ast.Name) and (around := module.within.get(source)) is not None:
        yield from (node.value for node in ast.walk(around) if isinstance(node, ast.Assign) and source.id in _targets(node))


def _targets(node: ast.Assign) -> list[str]:
    return [each.id for each in node.targets if isinstance(each, ast.Name)]


def _texts(module: Module, part: ast.expr, depth: int) -> Iterator[Text]:
    """The texts that one expression may be, each with the function in which it is spelt."""
    function = module.within.get(part)
    where = (names()[id(module)], function.name if function is not None else "")
    if depth > 9:
        yield OPEN, where
    elif isinstance(part, ast.Constant) and isinstance(part.value, str):
        yield part.value, where
    elif isinstance(part, (ast.IfExp, ast.BoolOp)):
        for each in part.values if isinstance(part, ast.BoolOp) else (part.body, part.orelse):
            yield from _texts(module, each, depth)
    elif isinstance(part, ast.Attribute):
        yield from _attribute(part, where, depth)
    elif isinstance(part, ast.Name):
        yield from _name(module, part, function, where, depth)
    else:
        yield from _made(module, part, where, depth)


def _made(module: Module, part: ast.expr, where: Where, depth: int) -> Iterator[Text]:
    """A text that is put together, or returned by a function; anything else is open."""
    if isinstance(part, ast.JoinedStr):
        pieces = [each.value if isinstance(each, ast.FormattedValue) else each for each in part.values]
        for combined in itertools.product(*(list(_texts(module, each, depth + 1)) for each in pieces)):
            yield "".join(text for text, _ in combined), next((at for _, at in combined if at != where), where)
    elif isinstance(part, ast.Call):
        for owner, called in _meant(module, part.func):
            for node in ast.walk(called):
                if isinstance(node, ast.Return) and node.value is not None:
                    yield from _texts(owner, node.value, depth + 1)
    else:
        yield OPEN, where


def _attribute(part: ast.Attribute, where: Where, depth: int) -> Iterator[Text]:
    spelt = ast.unparse(part)
    record = RECORDS.get(part.value.id) if isinstance(part.value, ast.Name) else None
    if spelt.startswith("Severity."):
        yield spelt.removeprefix("Severity.").lower(), where
    elif record is not None:
        for module, value in _given_to_record(record, part.attr):
            yield from ((text, where) for text, _ in _texts(module, value, depth + 1))
    else:
        yield OPEN, where


def _given_to_record(record: str, name: str) -> Iterator[tuple[Module, ast.expr]]:
    """What a field of a record is by default, and what it is given wherever one is made anew."""
    home, _, plain = record.rpartition(".")
    [definition] = [each for each in modules()[home].tree.body if isinstance(each, ast.ClassDef) and each.name == plain]
    fields = {
        each.target.id: each.value for each in definition.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)
    }
    found = [(modules()[home], fields[name])]
    for module, call in _calls()[plain]:
        if module is modules()[home] or module.imported.get(plain) == record:
            given = dict(zip(fields, call.args, strict=False)) | {each.arg: each.value for each in call.keywords}
            found.append((module, given.get(name)))
    for module, value in found:
        is_copied = isinstance(value, ast.Attribute) and not ast.unparse(value).startswith("Severity.")
        if value is not None and not is_copied and ast.unparse(value) != "None":
            yield module, value


def _name(module: Module, part: ast.Name, function: Function | None, where: Where, depth: int) -> Iterator[Text]:
    """What a name may be: given by callers, bound in the function, or a constant."""
    found = False
    while function is not None and not found:
        if part.id in _parameters(function):
            found = True
            yield from _given(module, function, part.id, depth)
        for node in ast.walk(function):
            if isinstance(node, ast.Assign) and part.id in _targets(node):
                found = True
                yield from _texts(module, node.value, depth + 1)
        for owner, expressions in _bound(module, part, (part.id,)):
            found = True
            yield from _texts(owner, expressions[0], depth + 1)
        function = module.within.get(function)
    if not found and part.id in module.constants:
        yield from ((text, where) for text, _ in _texts(module, module.constants[part.id], depth + 1))
    elif not found:
        yield OPEN, where


def _given(module: Module, function: Function, name: str, depth: int) -> Iterator[Text]:
    for caller, call in _calls().get(function.name, ()):
        if any(each is function for _, each in _meant(caller, call.func)):
            argument = _argument(call, function, name)
            if argument is not None:
                yield from _texts(caller, argument, depth + 1)


# --- what is reported -------------------------------------------------------------------------------------------------


def _spread(arguments: list[ast.expr]) -> Iterator[ast.expr]:
    """Arguments by position; the one that is spread gives message and help."""
    for each in arguments:
        yield from (each.value, each.value) if isinstance(each, ast.Starred) else (each,)


@functools.cache
def reported() -> frozenset[Reported]:
    """Every code that the generator's own words make, with `*` for what a tool says."""
    found: set[Reported] = set()
    for module, call in _calls()["Diagnostic"]:
        if names()[id(module)] == "generator.diagnostics":
            continue  # a copy of a finding that was made elsewhere
        given = dict(zip(("code", "at", "message", "help", "severity"), _spread(call.args), strict=False))
        given |= {each.arg: each.value for each in call.keywords if each.arg is not None}
        parts = tuple(given[key] for key in ("code", "severity") if key in given)
        for (code, *rest), where in values(module, parts):
            found.add(Reported(code, (*rest, Severity.ERROR)[0], where))
    return frozenset(found)


@functools.cache
def _reached(start: tuple[str, str]) -> frozenset[tuple[str, str]]:
    """The functions that a rule uses, itself among them."""
    found: set[tuple[str, str]] = set()
    waiting = [start]
    while waiting:
        name, function = waiting.pop()
        if (name, function) in found or not name.startswith(OF_RULES):
            continue
        found.add((name, function))
        module = modules()[name]
        for definition in module.functions.get(function, ()):
            own = {node.id for node in ast.walk(definition) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
            own |= set(_parameters(definition))
            for node in ast.walk(definition):
                if isinstance(node, ast.Attribute) or (isinstance(node, ast.Name) and node.id not in own):
                    waiting += [(names()[id(owner)], each.name) for owner, each in _meant(module, node)]
    return frozenset(found)


def _worst_first(found: set[str]) -> list[str]:
    return [each for each in Severity if each in found]


def _by_code() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in reported():
        found.setdefault(each.code, set()).add(each.severity)
    return found


# --- the tests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "code",
    ["slow-pattern", "example-unknown-property", "type-outside-vocabulary", "foreign-reference", "unreachable-rate", "unknown-layer",
     "check-mismatch", "kubeconform/error", "odcs-schema/broken-key", "promql-parser/no-label", "logging.config/no-schema"],
)  # fmt: skip
def test_codes_are_found_however_they_are_made(code: str) -> None:
    """One for each way: a choice, a pair, a returned text, a pattern's own, a loop, a parameter, a constant of the module."""
    assert code in _by_code()


def test_only_words_of_tools_are_unknown() -> None:
    assert {code for code in _by_code() if OPEN in code} == set(OF_TOOLS)


def test_every_code_has_a_page_with_its_severities() -> None:
    pages = manual.pages()
    for code, severities in _by_code().items():
        if code not in OF_TOOLS:
            assert code in pages, f"{code} has no page: see generator/faults.py, or the docstring of its rule"
            assert list(pages[code].severities) == _worst_first(severities), code


def test_every_page_is_of_a_code() -> None:
    assert set(manual.pages()) - set(_by_code()) == set()


def _is_of_rule(each: Reported) -> bool:
    return each.where[0].startswith(OF_RULES)


def test_every_rule_tells_of_what_it_reports_and_of_nothing_else() -> None:
    for rule in RULES:
        reached = _reached((rule.__module__, rule.__name__))
        found: dict[str, set[str]] = {}
        for each in reported():
            if each.where in reached:
                found.setdefault(each.code, set()).add(each.severity)
        told = {page.name: list(page.severities) for page in manual.parsed(inspect.getdoc(rule) or "", "")}
        assert told == {code: _worst_first(severities) for code, severities in found.items()}, f"{rule.__module__}.{rule.__name__}"


def test_every_fault_tells_of_what_is_reported_elsewhere_and_of_nothing_else() -> None:
    told = {page.name for family, texts in faults.PAGES.items() for text in texts for page in manual.parsed(text, family)}
    assert told == {each.code for each in reported() if not _is_of_rule(each)} - set(OF_TOOLS)


def _texts_of_pages() -> Iterator[tuple[str, str]]:
    yield from ((family, text) for family, texts in faults.PAGES.items() for text in texts)
    yield from ((rule.__module__.rpartition(".")[2], inspect.getdoc(rule) or "") for rule in RULES)


def test_every_page_is_whole() -> None:
    for family, text in _texts_of_pages():
        pages = list(manual.parsed(text, family))
        assert pages, f"no page: {text[:80]}"
        assert len({page.name for page in pages}) == len(pages), text[:80]
        for page in pages:
            assert page.summary.endswith("."), page.name
            assert page.why, page.name
            assert page.fix.startswith(manual.FIX) and page.fix.endswith("."), page.name
            assert page.example or family in WITHOUT_EXAMPLE, page.name


def _is_yaml(example: str) -> bool:
    """Whether it is one or several mappings; what tags and aliases mean is not asked."""
    try:
        return all(isinstance(each, yaml.MappingNode) for each in yaml.compose_all(example, Loader=yaml.SafeLoader))
    except yaml.YAMLError:
        return False


def test_examples_are_yaml() -> None:
    for page in manual.pages().values():
        assert _is_yaml(page.example) is (page.name not in NOT_YAML), f"{page.name}: {page.example}"


def test_examples_keep_their_shape() -> None:
    page = manual.pages()["unused-suppression"]
    assert page.example.splitlines()[1].startswith("  - {rule: ")


def test_what_several_places_report_has_one_page_that_tells_of_each() -> None:
    page = manual.pages()["unknown-port"]
    assert "Also: metrics are to be read from a port that the component does not have." in page.why
    assert "---" in page.example
    assert page.text.startswith("# unknown-port (error)\n\nan interface is offered on a port")


def test_scenarios_show_nothing_without_a_page() -> None:
    pages = manual.pages()
    for path in (ROOT / "tests" / "scenarios").glob("*/*/diagnostics.txt"):
        for severity, code in re.findall(r"^\S+: (error|warning|info)\[([^\]]+)\]: ", path.read_text(encoding="utf-8"), re.MULTILINE):
            assert code in pages, f"{path}: {code} has no page"
            assert severity in pages[code].severities, f"{path}: the page of {code} does not say that it may be {severity}"
