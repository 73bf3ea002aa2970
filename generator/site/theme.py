"""Zensical asked for the frame of the site: navigation, search and look around pages that are HTML already."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from generator.site.pages import Page, plain
from generator.tools import LIBRARY, SITE

BOOTSTRAP = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module('zensical', run_name='__main__', alter_sys=True)"
SHIM = "https://unpkg.com/iframe-worker/shim"
"""With it the search runs from `file:`, where browsers start no workers; what is loaded there writes scripts into pages, so ours stands in for it."""
LOCAL_SHIM = "assets/search-worker.js"
SCRIPT = re.compile(r"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script>", re.DOTALL)
SCOPE = re.compile(r'new URL\("[./]*",location\)')
"""The one thing in which the theme's scripts differ from page to page: how deep the page is."""
LOADED = re.compile(r"""<(?:script|img|iframe|link|source|object|embed)\b[^>]*\b(?:src|href|data)=["']?(?:https?:)?//""", re.IGNORECASE)
Navigation = Sequence[tuple[str, str | Sequence[Page]]]
"""Title, and the path of a page or the pages below it."""


class SiteFault(Exception):
    """The site generator failed, or wrote what no page of ours may hold."""


def framed(title: str, pages: Sequence[Page], navigation: Navigation) -> dict[PurePosixPath, bytes]:
    """The files of the site: every page in its frame, what it looks like, and the search index."""
    with tempfile.TemporaryDirectory(prefix="interlock-site-") as place:
        folder = Path(place)
        for page in pages:
            file = folder / "pages" / PurePosixPath(page.path).with_suffix(".md")
            file.parent.mkdir(parents=True, exist_ok=True)
            head = f"---\ntitle: {json.dumps(page.title)}\n---\n\n"
            file.write_text(head + page.text, encoding="utf-8", newline="\n")
        # JSON is YAML, and quotes whatever is in a title.
        (folder / "mkdocs.yml").write_text(json.dumps(_settings(title, navigation)), encoding="utf-8")
        _run(folder)
        built = folder / "site"
        found = {
            PurePosixPath(each.relative_to(built).as_posix()): each.read_bytes() for each in sorted(built.rglob("*")) if each.is_file()
        }
    known = {_normal(text) for text in _inline(found.pop(PurePosixPath("404.html")).decode())}
    found.pop(PurePosixPath("sitemap.xml"), None)
    return {path: _closed(path, content, known) if path.suffix == ".html" else content for path, content in found.items()}


def _settings(title: str, navigation: Navigation) -> dict[str, object]:
    return {
        "site_name": plain(title),
        "docs_dir": "pages",
        "site_dir": "site",
        "use_directory_urls": False,
        "theme": {
            "name": "material",
            "variant": "classic",
            "font": False,
            "features": ["navigation.top", "search.highlight", "toc.follow"],
        },
        "plugins": ["search", "offline"],
        "markdown_extensions": ["attr_list", {"toc": {"permalink": True}}],
        "extra": {"generator": False},
        "extra_css": ["assets/site.css"],
        "extra_javascript": ["assets/links.js", "assets/site.js"],
        "nav": [{plain(name): _source(each) if isinstance(each, str) else _entries(each)} for name, each in navigation if each],
    }


def _entries(pages: Sequence[Page]) -> list[dict[str, str]]:
    return [{page.title: _source(page.path)} for page in pages]


def _source(path: str) -> str:
    return PurePosixPath(path).with_suffix(".md").as_posix()


def _run(folder: Path) -> None:
    """In a Python that sees nothing but the tool's own packages, and an environment of ours."""
    command = [sys.executable, "-I", "-S", "-W", "ignore", "-c", BOOTSTRAP, str(SITE.folder / LIBRARY), "build", "--clean"]
    environment = {"HOME": str(folder), "PATH": "", "TMPDIR": str(folder), "SOURCE_DATE_EPOCH": "0", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, encoding="utf-8", errors="replace", check=False)
    if done.returncode != 0 or not (folder / "site" / "index.html").is_file():
        raise SiteFault(f"zensical failed: {' '.join((done.stdout + done.stderr).split())[-600:] or done.returncode}")


def _closed(path: PurePosixPath, content: bytes, known: set[str]) -> bytes:
    """The page with a policy under which nothing runs but the theme's own scripts, and nothing is asked of anybody."""
    up = "../" * (len(path.parts) - 1)
    text = content.decode().replace(SHIM, f"{up}{LOCAL_SHIM}")
    scripts = _inline(text)
    if any(_normal(each) not in known for each in scripts):
        raise SiteFault(f"{path} has a script that is not the theme's")
    if (found := LOADED.search(text)) is not None:
        raise SiteFault(f"{path} loads something from elsewhere: {found.group()}")
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'" for each in dict.fromkeys(scripts))
    allowed = "'self' file:"
    policy = (
        f"default-src 'none'; script-src {allowed} {hashes}; style-src {allowed} 'unsafe-inline'; img-src {allowed} data:; "
        f"font-src {allowed} data:; connect-src {allowed}; worker-src {allowed} blob:; frame-src {allowed} blob:"
    )
    return text.replace("<head>", f'<head><meta http-equiv="Content-Security-Policy" content="{policy}">', 1).encode()


def _inline(text: str) -> list[str]:
    """The scripts that a page holds itself; data are none."""
    return [each["text"] for each in SCRIPT.finditer(text) if "src=" not in each["attributes"] and "json" not in each["attributes"]]


def _normal(script: str) -> str:
    return SCOPE.sub("", script)
