"""Provers run in parallel, are asked again only when something they judge by has changed, and cannot take the run down."""

from __future__ import annotations

import importlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import cast

import pytest

from generator.artifact import Kind, Prover, Verdict
from generator.prove import prove

STUB = """
import os, signal, subprocess, sys, time
from pathlib import Path
from generator.diagnostics import Diagnostic, Severity, Span

TOOL, SCOPE, PROVES, GET = "{tool}", "{scope}", "", ""
SHARED = Path("{shared}")

def available():
    return (SHARED / "version").read_text() or None

def prove(folder, files):
    with (SHARED / "asked").open("a") as log:
        log.write(TOOL + " " + " ".join(map(str, files)) + "\\n")
    for file in files:
        text = (folder / file).read_text()
        if "wrong" in text:
            yield Diagnostic(TOOL + "/wrong", Span(str(file), 3, 7, 2), "no: " + text, help="right")
        if "odd" in text:
            yield Diagnostic(TOOL + "/odd", Span(str(file)), "hm", severity=Severity.WARNING)
        if text.startswith("!" + TOOL):
            exec(text.removeprefix("!" + TOOL))
"""


@dataclass(frozen=True, slots=True)
class Bench:
    """A stage, stub tools, and a record of what they were asked."""

    folder: Path

    def tool(self, name: str, scope: str = "file") -> Prover:
        module = f"{name}_{self.folder.name}"
        source = STUB.format(tool=name, scope=scope, shared=self.folder)
        (self.folder / "provers" / f"{module}.py").write_text(source)
        importlib.invalidate_caches()
        return cast("Prover", importlib.import_module(module))

    def stage(self, files: Mapping[str, str]) -> dict[str, list[PurePosixPath]]:
        found: dict[str, list[PurePosixPath]] = {}
        for name, text in files.items():
            path = self.folder / "stage" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
            kind, _, file = name.partition("/")
            found.setdefault(kind, []).append(PurePosixPath(file))
        return found

    def prove(self, tools: Mapping[str, tuple[Prover, ...]], files: Mapping[str, str], *, cached: bool = True) -> list[Verdict]:
        kinds = [Kind(name, "", lambda graph: iter(()), provers) for name, provers in tools.items()]
        cache = self.folder / "cache" if cached else None
        return prove(kinds, self.folder / "stage", self.stage(files), cache, lambda stage, detail: None)

    def asked(self) -> list[str]:
        """What the tools were asked since the last look, in any order."""
        log = self.folder / "asked"
        lines = sorted(log.read_text().splitlines()) if log.exists() else []
        log.unlink(missing_ok=True)
        return lines


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    (tmp_path / "provers").mkdir()
    (tmp_path / "version").write_text("1.0")
    monkeypatch.syspath_prepend(tmp_path / "provers")
    return Bench(tmp_path)


def summary(verdicts: list[Verdict]) -> list[tuple[str, str, str, list[str]]]:
    return [(each.kind, each.tool, each.state, [f"{found.at.file} {found.code}" for found in each.found]) for each in verdicts]


# --- verdicts ---------------------------------------------------------------------------------------------------------


def test_verdicts_are_in_the_order_of_kinds_tools_and_files(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    first, second, third = bench.tool("first"), bench.tool("second", "kind"), bench.tool("third")
    files = {f"b/{number:02}": "wrong" if number % 10 == 5 else "fine" for number in reversed(range(30))}
    verdicts = bench.prove({"b": (second, first), "a": (third,), "none": (first,)}, {**files, "a/x": "odd"})
    wrong = ["05", "15", "25"]
    assert summary(verdicts) == [
        ("b", "second", "refused", [f"{file} second/wrong" for file in wrong]),
        ("b", "first", "refused", [f"{file} first/wrong" for file in wrong]),
        ("a", "third", "passed", ["x third/odd"]),
    ]
    assert {each.version for each in verdicts} == {"1.0"}
    found = verdicts[0].found[0]
    assert (found.at.line, found.at.column, found.at.width, found.message, found.help) == (3, 7, 2, "no: wrong", "right")


def test_every_file_is_asked_about_once_and_few_files_share_a_start(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    files = {f"a/{number}": "fine" for number in range(20)}
    bench.prove({"a": (bench.tool("each"), bench.tool("all", "kind"))}, {**files, "b/x": "nobody's"})
    asked = [line.split() for line in bench.asked()]
    assert [tool for tool, *_ in asked] == ["all", "each", "each"]
    assert sorted(file for tool, *some in asked for file in some if tool == "each") == sorted(map(str, range(20)))


def test_a_missing_tool_is_not_run(bench: Bench) -> None:
    (bench.folder / "version").write_text("")
    tool = bench.tool("absent")
    verdicts = bench.prove({"a": (tool,)}, {"a/x": "wrong"})
    assert verdicts == [Verdict("a", "absent", None, "not run")]
    assert bench.asked() == []


# --- what is remembered -----------------------------------------------------------------------------------------------


def test_only_changed_files_are_asked_about(bench: Bench) -> None:
    tools = {"a": (bench.tool("each"), bench.tool("all", "kind"))}
    first = bench.prove(tools, {"a/x": "1", "a/y": "2"})
    assert bench.asked() == ["all x y", "each x y"]
    assert bench.prove(tools, {"a/x": "1", "a/y": "2"}) == first
    assert bench.asked() == []
    assert bench.prove(tools, {"a/x": "1", "a/y": "changed"}) == first
    assert bench.asked() == ["all x y", "each y"]
    assert bench.prove(tools, {"a/x": "1", "a/y": "2", "a/z": "3"}) == first
    assert bench.asked() == ["all x y z", "each z"]


def test_the_same_bytes_elsewhere_are_asked_about(bench: Bench) -> None:
    tool = bench.tool("each")
    bench.prove({"a": (tool,)}, {"a/x": "1"})
    bench.prove({"a": (tool,)}, {"a/renamed": "1"})
    bench.prove({"b": (tool,)}, {"b/x": "1"})
    assert bench.asked() == ["each renamed", "each x", "each x"]


def change_version(bench: Bench) -> None:
    (bench.folder / "version").write_text("1.1")


def change_source(bench: Bench) -> None:
    (source,) = (bench.folder / "provers").glob("*.py")
    source.write_text(source.read_text() + "# more\n")


def change_rules(bench: Bench) -> None:
    (bench.folder / "provers" / "rules.yaml").write_text("strict")


def spoil_the_entries(bench: Bench) -> None:
    for entry in (bench.folder / "cache").rglob("*.json"):
        entry.write_text('{"half": ')


@pytest.mark.parametrize("change", [change_version, change_source, change_rules, spoil_the_entries])
@pytest.mark.parametrize("scope", ["file", "kind"])
def test_another_judge_is_asked_again(bench: Bench, change: Callable[[Bench], None], scope: str) -> None:
    tools = {"a": (bench.tool("one", scope),)}
    for _ in range(2):
        bench.prove(tools, {"a/x": "1"})
    change(bench)
    for _ in range(2):
        bench.prove(tools, {"a/x": "1"})
    assert bench.asked() == ["one x", "one x"]


def test_a_change_of_another_tool_asks_nobody_again(bench: Bench) -> None:
    """Of what stands beside it a tool is judged by what it, or what it uses, has a word for."""
    tool = bench.tool("one")
    source = bench.folder / "provers" / f"one_{bench.folder.name}.py"
    source.write_text(f"{source.read_text()}import helpers\n")
    for name, text in (("helpers", "import shared"), ("shared", ""), ("other", "import shared")):
        (source.parent / f"{name}.py").write_text(text)
    bench.prove({"a": (tool,)}, {"a/x": "1"})
    (source.parent / "other.py").write_text("# more\n")
    bench.prove({"a": (tool,)}, {"a/x": "1"})
    assert bench.asked() == ["one x"]
    (source.parent / "shared.py").write_text("# more\n")
    bench.prove({"a": (tool,)}, {"a/x": "1"})
    assert bench.asked() == ["one x"]


def test_refusals_are_not_remembered(bench: Bench) -> None:
    tools = {"a": (bench.tool("each"),)}
    first = bench.prove(tools, {"a/x": "fine", "a/y": "wrong"})
    assert bench.prove(tools, {"a/x": "fine", "a/y": "wrong"}) == first
    assert bench.asked() == ["each x y", "each x y"]


def test_without_a_cache_nothing_is_remembered(bench: Bench) -> None:
    tools = {"a": (bench.tool("each"),)}
    for _ in range(2):
        bench.prove(tools, {"a/x": "1"}, cached=False)
    assert bench.asked() == ["each x", "each x"]


def test_a_cache_that_cannot_be_written_is_no_fault(bench: Bench) -> None:
    (bench.folder / "cache").write_text("a file")
    assert summary(bench.prove({"a": (bench.tool("each"),)}, {"a/x": "1"})) == [("a", "each", "passed", [])]


def test_what_nobody_asks_for_is_forgotten_after_a_month(bench: Bench) -> None:
    tools = {"a": (bench.tool("each"),)}
    bench.prove(tools, {"a/x": "1"})
    (old,) = (bench.folder / "cache").rglob("*.json")
    bench.prove(tools, {"a/x": "2"})
    month_ago = time.time() - 31 * 24 * 60 * 60
    for path in (bench.folder / "cache").rglob("*"):
        os.utime(path, (month_ago, month_ago))
    bench.prove(tools, {"a/x": "2"})
    assert not old.exists()
    assert len(list((bench.folder / "cache").rglob("*.json"))) == 1


# --- tools that misbehave ---------------------------------------------------------------------------------------------

CRASHES = {
    "raises": ("raise RuntimeError('out of\\n ideas')", "RuntimeError: out of ideas"),
    "exits": ("sys.exit('so be it')", "SystemExit: so be it"),
    "ends": ("print('last words', flush=True); os._exit(3)", "exit status 3, last words"),
    "is killed": ("print('last words', flush=True); os.kill(os.getpid(), signal.SIGKILL)", "ended by SIGKILL, last words"),
    "cannot be run": ("subprocess.run(['no-such-tool'])", "FileNotFoundError"),
}


@pytest.mark.parametrize("crash", CRASHES)
def test_a_crash_is_a_refusal_with_the_last_words(bench: Bench, monkeypatch: pytest.MonkeyPatch, crash: str) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 1)  # so that what comes after needs the crashed worker's successor
    code, words = CRASHES[crash]
    tools = {"a": (bench.tool("fragile"), bench.tool("sound")), "b": (bench.tool("after"),)}
    verdicts = bench.prove(tools, {"a/x": f"!fragile{code}", "b/x": "wrong"})
    assert summary(verdicts) == [
        ("a", "fragile", "refused", ["x prover-crashed"]),
        ("a", "sound", "passed", []),
        ("b", "after", "refused", ["x after/wrong"]),
    ]
    message = verdicts[0].found[0].message
    assert message.startswith("fragile gave no verdict on x: ") and words in message and "\n" not in message and "Traceback" not in message
    bench.asked()
    bench.prove(tools, {"a/x": f"!fragile{code}", "b/x": "fine"})
    assert bench.asked() == ["after x", "fragile x"]


def test_what_was_found_before_an_exception_is_kept(bench: Bench) -> None:
    verdicts = bench.prove({"a": (bench.tool("each"),)}, {"a/x": "wrong", "a/y": "!each\nraise ValueError"})
    assert summary(verdicts) == [("a", "each", "refused", ["x prover-crashed", "x each/wrong"])]
    assert verdicts[0].found[0].message == "each gave no verdict on x and 1 more: ValueError:"


def test_a_tool_may_print_and_finds_nothing_to_read(bench: Bench) -> None:
    noise = "!eachprint('{}'); sys.stdout.flush(); subprocess.run(['sh', '-c', 'echo noise; cat'], check=True)"
    assert summary(bench.prove({"a": (bench.tool("each"), bench.tool("more"))}, {"a/x": noise, "a/y": noise})) == [
        ("a", "each", "passed", []),
        ("a", "more", "passed", []),
    ]


WAIT = """
(SHARED / TOOL).touch()
deadline = time.monotonic() + 20
while not (SHARED / "{other}").exists():
    assert time.monotonic() < deadline, "nobody came"
    time.sleep(0.01)
"""


def test_tools_run_at_the_same_time(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    meeting = {"a/x": "!one" + WAIT.format(other="two"), "b/x": "!two" + WAIT.format(other="one")}
    verdicts = bench.prove({"a": (bench.tool("one"),), "b": (bench.tool("two"),)}, meeting)
    assert [each.state for each in verdicts] == ["passed", "passed"], verdicts


SLOW = """
child = subprocess.Popen(["sleep", "60"])
(SHARED / "started").write_text(str(os.getpid()) + " " + str(child.pid))
child.wait()
"""


def test_an_interrupt_ends_tools_and_what_they_started(bench: Bench) -> None:
    def interrupted(stage: str, detail: str) -> None:
        assert (stage, detail) == ("prove", "0 of 1 done, now a: slow")
        for _ in until(lambda: (bench.folder / "started").exists() and (bench.folder / "started").read_text() != ""):
            time.sleep(0.01)
        raise KeyboardInterrupt

    kind = Kind("a", "", lambda graph: iter(()), (bench.tool("slow"),))
    with pytest.raises(KeyboardInterrupt):
        prove([kind], bench.folder / "stage", bench.stage({"a/x": f"!slow{SLOW}"}), None, interrupted)
    for process in (bench.folder / "started").read_text().split():
        for _ in until(lambda process=process: not is_running(process)):  # type: ignore[misc]  # a lambda's default
            time.sleep(0.01)


def until(is_done: Callable[[], bool]) -> Iterator[None]:
    deadline = time.monotonic() + 20
    while not is_done():
        assert time.monotonic() < deadline
        yield


def is_running(process: str) -> bool:
    """A child whose parent has gone may wait for whoever adopts it to notice its end."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", process], capture_output=True, text=True, check=False).stdout.strip()
    return state != "" and not state.startswith("Z")
