"""The document: Mermaid refuses a diagram that it cannot draw, and a link that leads nowhere is found; a team's own template is used, or refused."""

from __future__ import annotations

from pathlib import Path, PurePosixPath

import pytest
from document.trading import BARE, narrated

from generator import yaml_writer
from generator.catalog import MADE
from generator.document import BrokenTemplate
from generator.pipeline import emit_all, understand
from generator.prove import document_links, mermaid

GOOD = """# Shop

See [orders](#orders), [the file](../openapi/orders.yaml) and [the contract](../../../contracts/shop/orders.yaml).

## Orders

```mermaid
flowchart LR
  a --> b
```
"""
PAGE = PurePosixPath("shop.md")
FILES = [PAGE, PurePosixPath("../openapi/orders.yaml")]


def page(folder: Path, text: str) -> Path:
    (folder / PAGE).write_text(text, encoding="utf-8")
    return folder


def test_a_good_page_is_accepted(tmp_path: Path) -> None:
    page(tmp_path, GOOD)
    assert list(mermaid.prove(tmp_path, [PAGE])) == []
    assert list(document_links.prove(tmp_path, FILES)) == []


@pytest.mark.parametrize("broken", ["  a --> ", "  a -[ b", "  a[<b"], ids=str.strip)
def test_a_diagram_that_cannot_be_drawn_is_refused_at_its_line(tmp_path: Path, broken: str) -> None:
    (found,) = mermaid.prove(page(tmp_path, GOOD.replace("  a --> b", broken)), [PAGE])
    assert found.code == "mermaid/refused"
    assert (found.at.file, found.at.line) == ("shop.md", 8)


@pytest.mark.parametrize(
    ("before", "after"), [("(#orders)", "(#order)"), ("orders.yaml) and", "other.yaml) and"), ("## Orders", "## Bills")]
)
def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path, before: str, after: str) -> None:
    (found,) = document_links.prove(page(tmp_path, GOOD.replace(before, after)), FILES)
    assert found.code == "document-links/dangling"
    assert found.at.line == 3


# --- templates of a team ----------------------------------------------------------------------------------------------


def told(folder: Path, **templates: str) -> str:
    for index, document in enumerate(BARE.values()):
        (folder / f"{index}.yaml").write_text(yaml_writer.dump(document), encoding="utf-8")
    for name, text in templates.items():
        (folder / "templates").mkdir(exist_ok=True)
        (folder / "templates" / f"{name}.md.j2").write_text(text, encoding="utf-8")
    graph, _ = understand(folder)
    assert graph is not None
    return narrated(graph, [artifact for _, artifact in emit_all(graph, MADE)])


def test_a_template_beside_the_contract_stands_before_ours(tmp_path: Path) -> None:
    assert "## Summary\n\nIn our own words: 1 component.\n" in told(
        tmp_path, summary="In our own words: {{ view.counts[0].number }} {{ view.counts[0].what }}."
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("fine\n{{ view.nothing }}", 2),
        ("{% if %}", 1),
        ("a\nb\n{% for x in view %}", 3),
        ("{{ view.__class__.__mro__ }}", 1),
        ("{{ 1 / 0 }}", 1),
    ],
)
def test_a_broken_template_is_shown_at_its_line(tmp_path: Path, text: str, line: int) -> None:
    with pytest.raises(BrokenTemplate) as caught:
        told(tmp_path, summary=text)
    found = caught.value.finding
    assert found.code == "broken-template"
    assert found.at.file == f"{tmp_path.as_posix()}/templates/summary.md.j2"
    assert found.at.line == line
