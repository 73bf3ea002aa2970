"""Pages that a contract names: Markdown files of its folder, read as they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from generator.diagnostics import Diagnostic, nearest
from generator.model import AlertSetting, Component, SystemDocument

LARGEST = 1_000_000
"""Bytes of a page."""


def page_files(folder: Path) -> list[Path]:
    """All Markdown files below a system's folder, in a stable order."""
    return sorted(path for path in folder.rglob("*.md") if path.is_file())


def read_pages(folder: Path, document: SystemDocument, components: Sequence[Component]) -> tuple[Mapping[str, str], list[Diagnostic]]:
    """The text of each page that an alert names, by its path below the folder; never raises."""
    pages: dict[str, str] = {}
    found: list[Diagnostic] = []
    for setting in _settings(document, components):
        if setting.runbook is None:
            continue
        text = _text(folder, setting.runbook)
        if text is None:
            known = [path.relative_to(folder).as_posix() for path in page_files(folder)]
            guess = nearest(setting.runbook, known)
            help = f'did you mean "{guess}"?' if guess else f"write it beside the contract: {folder.as_posix()}/{setting.runbook}"
            message = f'there is no page "{setting.runbook}" that can be read'
            found.append(Diagnostic("unknown-runbook", setting.at["runbook"], message, help))
        else:
            pages[setting.runbook] = text
    return dict(sorted(pages.items())), found


TEMPLATES = "templates"


def template_files(folder: Path) -> list[Path]:
    """Templates of the document that a team has put beside its contract, in a stable order."""
    return sorted(path for path in (folder / TEMPLATES).glob("*.j2") if path.is_file())


def read_templates(folder: Path) -> Mapping[str, str]:
    """The text of each by its name; what cannot be read is left to ours."""
    found = ((path.name, _text(folder, f"{TEMPLATES}/{path.name}")) for path in template_files(folder))
    return {name: text for name, text in found if text is not None}


def _settings(document: SystemDocument, components: Sequence[Component]) -> Iterator[AlertSetting]:
    yield from document.observability.alerts if document.observability else ()
    for component in components:
        yield from component.alerts


def _text(folder: Path, name: str) -> str | None:
    """None for what is not there, lies elsewhere, is no text or too long."""
    path = folder / name
    try:
        if not path.resolve().is_relative_to(folder.resolve()) or path.stat().st_size > LARGEST:
            return None
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return None
