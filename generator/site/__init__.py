"""The integration document as a static site: its sections as pages, rendered interfaces, the system map, search; from `file:`, too."""

from __future__ import annotations

import hashlib
import json
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from generator import publish
from generator.artifact import Artifact
from generator.diagnostics import Diagnostic, Severity, Span, arranged
from generator.document import SECTIONS, file_name
from generator.graph import Graph
from generator.read import contract_files, page_files
from generator.site import references, system_map, theme
from generator.site.pages import Page, Part, parts, plain, source
from generator.site.references import Reference
from generator.site.theme import SiteFault
from generator.text import markdown_link, markdown_list, markdown_text
from generator.tools import NODE, SITE, SITE_BUNDLES

__all__ = ["SiteFault", "ToolsMissing", "build"]

OUTPUT, CONTRACT, PAGES, FOLDERS = "output", "contract", "pages", "folders"
"""Folders of the site: artifacts and contract as they are, artifacts and folders as pages."""
FILES = Path(__file__).parent / "files"


class ToolsMissing(Exception):
    """What the site is made with is not installed."""


def build(graph: Graph, artifacts: Sequence[Artifact], contract: Path, output: Path, *, force: bool = False) -> list[Diagnostic]:
    """Makes `output` the site of the system, all or nothing; the findings are links that lead nowhere.

    `artifacts` are those of all kinds, the document among them, with paths below the system's output; `contract` is the
    system's folder. Raises `ToolsMissing`, `SiteFault`, and `publish.PublishError` when the folder is not ours to replace.
    """
    missing = [each.name for each in (NODE, SITE, SITE_BUNDLES) if not each.folder.is_dir()]
    if missing:
        raise ToolsMissing(f"the tools that make the site are not installed ({', '.join(missing)}): run make tools")
    site = _site(graph, artifacts, contract)
    title = graph.system.header.title or graph.name
    files = theme.framed(title, list(site.pages.values()), site.navigation)
    files |= site.copies
    files |= {PurePosixPath(each.path): references.rendered(each, site.raw(each)).encode() for each in site.references}
    files |= _assets(graph)
    files[PurePosixPath(publish.MANIFEST)] = _manifest(graph, files)
    publish.publish(files, output, force=force)
    return arranged(site.found)


# --- what is where ----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Site:
    """The site while it is made: pages ask it where a link leads, and it notes the folders that they link to."""

    copies: Mapping[PurePosixPath, bytes]
    references: Sequence[Reference]
    places: Mapping[str, str]
    """Path below the output to the page that shows it, of Markdown and descriptions of interfaces; our own pages to themselves."""
    anchors: Mapping[str, str]
    """Heading of the document to the page that has it."""
    document: str
    contract: str
    """Where the contract is, seen from the output."""
    folders: Mapping[str, list[str]]
    pages: dict[str, Page] = field(default_factory=dict)
    navigation: list[tuple[str, str | list[Page]]] = field(default_factory=list)
    linked: dict[str, None] = field(default_factory=dict)
    found: list[Diagnostic] = field(default_factory=list)

    def raw(self, reference: Reference) -> str:
        return _relative(f"{OUTPUT}/{reference.artifact.path}", reference.path)

    def add(self, path: str, title: str, shown: Iterable[Part], file: str) -> Page:
        """A page made of parts of a file of the output; their links are seen from there."""
        text = "".join(source(part, lambda target: self._resolve(path, file, target)) for part in shown)
        self.pages[path] = Page(path, plain(title), text)
        return self.pages[path]

    def _resolve(self, page: str, file: str, target: str) -> str:
        try:
            link = urlsplit(target)
        except ValueError:
            return "#"
        if link.scheme or link.netloc:
            return target
        inner = posixpath.normpath(posixpath.join(posixpath.dirname(file), unquote(link.path))) if link.path else file
        place, fragment = self._place(inner, unquote(link.fragment))
        if place is None:
            self.found.append(Diagnostic("dangling-link", Span(file), f"the link {target} leads nowhere", severity=Severity.WARNING))
            return "#"
        return f"{_relative(place, page)}{f'#{quote(fragment)}' if fragment else ''}"

    def _place(self, inner: str, fragment: str) -> tuple[str | None, str]:
        if inner == self.document:
            return (self.anchors.get(fragment) if fragment else "index.html"), fragment
        if inner in self.places:
            return self.places[inner], fragment
        copy = f"{CONTRACT}/{inner.removeprefix(self.contract)}" if inner.startswith(self.contract) else f"{OUTPUT}/{inner}"
        if PurePosixPath(copy) in self.copies:
            return copy, ""
        if inner in self.folders:
            self.linked[inner] = None
            return _folder_page(inner), ""
        return None, ""


def _relative(place: str, page: str) -> str:
    return quote(posixpath.relpath(place, posixpath.dirname(page) or "."))


def _folder_page(folder: str) -> str:
    return f"{FOLDERS}/{folder}.html"


def _site(graph: Graph, artifacts: Sequence[Artifact], contract: Path) -> _Site:
    """All pages, each from Markdown."""
    document = next(each for each in artifacts if each.path.name == file_name(graph.name))
    shown = references.references(artifacts)
    chapters = parts(document.text, "h2")
    paths = _chapter_paths(chapters)
    pages = {each.path.as_posix(): f"{PAGES}/{each.path.with_suffix('')}-md.html" for each in artifacts if each.path.suffix == ".md"}
    own = [system_map.PATH, references.LISTED, *(system_map.path(each.name) for each in graph.components), *(each.path for each in shown)]
    site = _Site(
        copies=_copies(artifacts, contract),
        references=shown,
        places={each: each for each in own} | pages | {each.artifact.path.as_posix(): each.path for each in shown},
        anchors={name: path for path, chapter in zip(paths, chapters, strict=True) for name in chapter.anchors},
        document=document.path.as_posix(),
        contract=f"../../contracts/{PurePosixPath(graph.system.folder).name}/",
        folders=_folders(artifacts),
    )
    _add_document(site, chapters, paths)
    _add_maps(site, graph, artifacts)
    for artifact in artifacts:
        if artifact.path.suffix == ".md" and artifact is not document:
            _add_whole(site, pages[artifact.path.as_posix()], artifact.text, artifact.path.as_posix())
    _add_folders(site)
    return site


def _chapter_paths(chapters: Sequence[Part]) -> list[str]:
    """The opening and the first section are the first page; all others have one by the name of their section."""
    names = {each.title: each.name for each in SECTIONS}
    return [
        "index.html" if number <= 1 else f"document/{names.get(each.title, each.anchors[0])}.html" for number, each in enumerate(chapters)
    ]


def _copies(artifacts: Sequence[Artifact], contract: Path) -> dict[PurePosixPath, bytes]:
    """Artifacts and contract files as they are, but for Markdown, which is shown as pages."""
    found = {PurePosixPath(OUTPUT) / each.path: each.text.encode() for each in artifacts if each.path.suffix != ".md"}
    files = [*contract_files(contract), *page_files(contract)]
    return found | {PurePosixPath(CONTRACT) / each.relative_to(contract).as_posix(): each.read_bytes() for each in files}


def _folders(artifacts: Iterable[Artifact]) -> dict[str, list[str]]:
    """Each folder of the output with the files and folders in it."""
    found: dict[str, dict[str, None]] = {}
    for artifact in artifacts:
        for inner in (artifact.path, *artifact.path.parents):
            if inner.parts:
                found.setdefault(inner.parent.as_posix(), {})[inner.as_posix()] = None
    return {folder: sorted(inside) for folder, inside in found.items()}


# --- the pages --------------------------------------------------------------------------------------------------------


def _add_document(site: _Site, chapters: Sequence[Part], paths: Sequence[str]) -> None:
    by_path: dict[str, list[Part]] = {}
    for path, chapter in zip(paths, chapters, strict=True):
        by_path.setdefault(path, []).append(chapter)
    added = [site.add(path, inside[-1].title, inside, site.document) for path, inside in by_path.items()]
    site.navigation += [("Summary", "index.html"), ("Document", [each for each in added if each.path != "index.html"])]


def _add_maps(site: _Site, graph: Graph, artifacts: Sequence[Artifact]) -> None:
    made, edges = system_map.by_component(graph, artifacts), system_map.edges_of(graph)
    _add_whole(site, system_map.PATH, system_map.overview(graph), "")
    _add_whole(site, references.LISTED, references.listed(site.references), "")
    for each in graph.components:
        contract = f"{site.contract}{each.at.span.file.removeprefix(f'{graph.system.folder}/')}"
        text = system_map.component(graph, each, edges[each.name], made[each.name], contract)
        _add_whole(site, system_map.path(each.name), text, "")
    site.navigation += [("System map", system_map.PATH), ("Interfaces", references.LISTED)]


def _add_whole(site: _Site, path: str, text: str, file: str) -> None:
    whole = parts(text, None)
    site.add(path, next((each.title for each in whole if each.title), PurePosixPath(path).stem), whole, file)


def _add_folders(site: _Site) -> None:
    """A page for each folder that a page links to; such a page may link to further ones."""
    while waiting := [each for each in site.linked if _folder_page(each) not in site.pages]:
        for folder in waiting:
            items = [markdown_link(each.removeprefix(f"{folder}/"), each) for each in site.folders[folder]]
            _add_whole(site, _folder_page(folder), f"# {markdown_text(folder)}\n\n{markdown_list(items, ordered=False)}", "")


def _assets(graph: Graph) -> dict[PurePosixPath, bytes]:
    """What the pages load: our own files, the renderers with their licences, and where a click leads."""
    files = [*sorted(FILES.iterdir()), *sorted(SITE_BUNDLES.folder.iterdir())]
    mermaid = NODE.folder / "node_modules" / "mermaid"  # the one that has proven the diagrams
    links = json.dumps(system_map.node_links(graph), sort_keys=True)
    return {
        **{PurePosixPath("assets") / each.name: each.read_bytes() for each in files},
        PurePosixPath("assets/mermaid.js"): (mermaid / "dist" / "mermaid.min.js").read_bytes(),
        PurePosixPath("assets/mermaid.LICENSE.txt"): (mermaid / "LICENSE").read_bytes(),
        PurePosixPath("assets/links.js"): f"window.interlockLinks = {links};\n".encode(),
    }


def _manifest(graph: Graph, files: Mapping[PurePosixPath, bytes]) -> bytes:
    """By which the next run knows what is ours."""
    entries = [{"path": str(path), "kind": "site", "sha256": hashlib.sha256(files[path]).hexdigest()} for path in sorted(files)]
    return (json.dumps({"system": graph.name, "files": entries}, indent=1, ensure_ascii=False) + "\n").encode()
