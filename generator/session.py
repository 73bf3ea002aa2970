"""Architecture sessions: finds the folder of one, reads its documents and its state, and records in the state what was done."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from generator import publish
from generator.diagnostics import nearest
from generator.extract.reporting import printable
from generator.text import some

STATE = "_session-state.json"
DOCUMENTS = {"architecture-framework": "architecture_framework_creation", "component-design": "component_design"}
"""What the names of a session's documents begin with, and the step that each is the result of."""
STEP = "integration_architecture"
EARLIER = ("architecture_framework_creation", "domain_analysis", "layer_design", "component_design")
"""Steps of the workflow before ours."""
LARGEST = 8 * 1024 * 1024
"""Bytes of a document, or of a state."""
FOLDER = re.compile(r"([0-9]{1,9})-(.+)")


class SessionError(Exception):
    """Why a session cannot be found or read; the message is a sentence for whoever asked."""


@dataclass(frozen=True, slots=True)
class Session:
    """A folder with the documents of one architecture."""

    folder: Path
    index: int | None
    name: str
    notes: tuple[str, ...] = ()
    """What is to be said of how it was found."""
    problem: str | None = None
    """Why its state cannot be read; index and name are then those of the folder."""

    @property
    def state(self) -> Path:
        return self.folder / STATE

    @property
    def names(self) -> frozenset[str]:
        """What it is called by, in lower case: name, and index with it, however many zeros stand before."""
        indices = [] if self.index is None else [str(self.index), f"{self.index:02d}", f"{self.index:03d}"]
        return frozenset({self.name.casefold(), *(f"{each}-{self.name}".casefold() for each in indices)})


# --- finding ----------------------------------------------------------------------------------------------------------


def find(root: Path, name: str) -> Session:
    """The session that a name, an index or a folder means. Raises `SessionError`, also where its state cannot be read."""
    known = sessions(root)
    where = root.as_posix()
    if not known:
        raise SessionError(f"no session in {where}: its folders are called like 001-shop, and hold {STATE}")
    found = _meant(known, name.strip())
    if not found:
        guess = nearest(name, [each for one in known for each in (one.name, one.folder.name)])
        hint = f"did you mean {printable(guess)}? " if guess else ""
        raise SessionError(f"no session {name!r} in {where}; {hint}there {'is' if len(known) == 1 else 'are'} {_listed(known)}")
    if len(found) > 1:
        raise SessionError(f"{name!r} may be any of {_listed(found)} in {where}; say the folder's name")
    if found[0].problem is not None:
        raise SessionError(found[0].problem)
    return found[0]


def _listed(found: Sequence[Session]) -> str:
    return some([printable(each.folder.name) for each in found], 20)


def sessions(root: Path) -> list[Session]:
    """All sessions below a folder. Raises `SessionError` when it is none or cannot be read."""
    try:
        inside = root.resolve()
        folders = sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))
        own = [path for path in folders if path.resolve().is_relative_to(inside)]
    except (OSError, RuntimeError, ValueError) as error:
        hint = "--root names the folder of the sessions"
        raise SessionError(f"{root.as_posix()} cannot be read: {_reason(error)}; {hint}") from None
    return [_session(path) for path in own if FOLDER.fullmatch(path.name) or os.path.lexists(path / STATE)]


def _meant(known: Sequence[Session], name: str) -> list[Session]:
    """By the folder's own name first, which is there once; then by name or index."""
    folded = name.casefold()
    found = [each for each in known if each.folder.name == name] or [each for each in known if each.folder.name.casefold() == folded]
    if found:
        return found
    index = int(name) if re.fullmatch(r"[0-9]{1,9}", name) else None
    return [each for each in known if folded in each.names or (index is not None and each.index == index)]


def _session(folder: Path) -> Session:
    """What the folder's name says, unless the state says it."""
    match = FOLDER.fullmatch(folder.name)
    index, name = (int(match[1]), match[2]) if match else (None, folder.name)
    try:
        state = read_state(folder)
    except SessionError as error:
        return Session(folder, index, name, problem=str(error))
    said_index, said_name = state.get("index", index), str(state.get("name", name))
    differing = [
        f"{what} {said}"
        for what, said, own in (("index", said_index, index), ("name", said_name, name))
        if own != said and (match is not None or what == "name")
    ]
    note = f"{printable(folder.name)}: {STATE} says {printable(' and '.join(differing))}, which counts" if differing else ""
    return Session(folder, said_index, said_name, (note,) if note else ())


# --- reading ----------------------------------------------------------------------------------------------------------


def documents(session: Session) -> dict[str, str]:
    """The texts of the session's framework and design documents by file name. Raises `SessionError` unless both are there."""
    found: dict[str, str] = {}
    missing = []
    for prefix in DOCUMENTS:
        paths = sorted(session.folder.glob(f"{prefix}_*.md"))
        found |= {path.name: _text(path, session.folder) for path in paths}
        missing += [] if paths else [f"{prefix}_{printable(session.name)}.md"]
    if missing:
        raise SessionError(f"{session.folder.as_posix()} holds no {' and no '.join(missing)}, which the design starts from")
    return found


def read_state(folder: Path) -> dict[str, Any]:
    """What the state file says, empty when there is none. Raises `SessionError` for one that cannot be trusted."""
    path = folder / STATE
    if not os.path.lexists(path):
        return {}
    text = _text(path, folder)
    if path.is_symlink():
        raise SessionError(f"{path.as_posix()} is a link, and what it leads to cannot be kept whole; put the file itself there")
    try:
        state = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=_number)
    except json.JSONDecodeError as error:
        raise SessionError(f"{path.as_posix()}:{error.lineno}:{error.colno} is not JSON: {error.msg.lower()}") from None
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deep" if isinstance(error, RecursionError) else str(error)
        raise SessionError(f"{path.as_posix()} cannot be used: {printable(reason)}") from None
    if not isinstance(state, dict):
        raise SessionError(f"{path.as_posix()} cannot be used: it is no JSON object")
    if wrong := [key for key, (fits, _) in SHAPES.items() if key in state and not fits(state[key])]:
        raise SessionError(f"{path.as_posix()} cannot be used: {wrong[0]} is not {SHAPES[wrong[0]][1]}")
    return state


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [key for key, _ in pairs]
        raise ValueError(f'the key "{next(key for key in names if names.count(key) > 1)}" is there twice')
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number in JSON")


def _number(text: str) -> float:
    if math.isinf(float(text)):
        raise ValueError(f"{text} is too large a number")
    return float(text)


def _is_index(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9


def _is_name(value: object) -> bool:
    """Whether it can be part of a file's name."""
    return (
        isinstance(value, str) and 0 < len(value) <= 100 and value.isprintable() and not set(value) & set("/\\") and value.strip(". ") != ""
    )


def _is_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


SHAPES = {
    "index": (_is_index, "a whole number"),
    "name": (_is_name, "a text that can be part of a file's name"),
    "completedSteps": (_is_texts, "a list of texts"),
    "architectureResults": (lambda value: isinstance(value, dict), "an object"),
}
"""Keys of the state that are read, and what they must be."""


def _text(path: Path, folder: Path) -> str:
    """The text of a file of the session. Raises `SessionError` for what is no readable text in its folder."""
    where = path.as_posix()
    try:
        if not path.resolve().is_relative_to(folder.resolve()):
            raise SessionError(f"{where} is a link to a place outside of the session")
        if not path.is_file():
            raise SessionError(f"{where} is no file")
        if path.stat().st_size > LARGEST:
            raise SessionError(f"{where} is larger than {LARGEST // 1024 // 1024} MiB")
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SessionError(f"{where} is not UTF-8, from byte {error.start} on") from None
    except (OSError, RuntimeError, ValueError) as error:
        raise SessionError(f"{where} cannot be read: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    return ((error.strerror if isinstance(error, OSError) else None) or str(error)).lower()


# --- recording --------------------------------------------------------------------------------------------------------


def record(session: Session, counts: Mapping[str, int], moment: datetime) -> None:
    """Writes into the state that the integration architecture is complete; all or nothing, and only if it says something else.

    The state is read anew: whatever others have written there meanwhile is kept. Raises `SessionError` and `PublishError`.
    """
    text = recorded(session, read_state(session.folder), counts, moment)
    if not session.state.is_file() or session.state.read_bytes() != text:
        publish.replace_file(session.state, text)


def recorded(session: Session, state: Mapping[str, Any], counts: Mapping[str, int], moment: datetime) -> bytes:
    """The state file with what this step adds. Keys that are not ours, and the order of all, stay.

    A session without a state gets one that holds what is known: what its folder is called, and the steps whose documents are there.
    """
    now = stamp(moment)
    begun = state or {
        **({"index": session.index} if session.index is not None else {}),
        "name": session.name,
        "type": "architecture",
        "status": "",
        "created": now,
        "completedSteps": list(DOCUMENTS.values()),
    }
    ours = {
        "status": f"{STEP}_complete",
        "lastUpdated": now,
        "currentStep": STEP,
        "completedSteps": _with_step(begun.get("completedSteps", [])),
        "nextAction": "Ready for architecture summary generation",
        "architectureResults": _with(_with(begun.get("architectureResults", {}), counts), {"integrationArchitectureDate": now}),
    }
    text = f"{_json(_with(begun, ours))}\n"
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found.group()):04x}", text).encode()


def stamp(moment: datetime) -> str:
    """An ISO 8601 time in UTC: `2026-03-02T15:47:00Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _with_step(steps: Iterable[str]) -> list[str]:
    """Each once; ours after the steps that come before it."""
    kept = list(dict.fromkeys(steps))
    if STEP not in kept:
        kept.insert(max((kept.index(each) + 1 for each in EARLIER if each in kept), default=len(kept)), STEP)
    return kept


def _with(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """New values in their old places; a key that was not there follows the one before it."""
    keys = list(old)
    at = len(keys)
    for key in new:
        if key not in old:
            keys.insert(at, key)
        at = keys.index(key) + 1
    return {key: new.get(key, old.get(key)) for key in keys}


def _json(value: Any, indent: str = "") -> str:
    """Indented by two, with lists of plain values in a line: how the state of a session is written."""
    inner = f"{indent}  "
    match value:
        case dict() if value:
            lines = [f"{inner}{json.dumps(key, ensure_ascii=False)}: {_json(each, inner)}" for key, each in value.items()]
        case list() if any(isinstance(each, dict | list) for each in value):
            lines = [f"{inner}{_json(each, inner)}" for each in value]
        case _:
            return json.dumps(value, ensure_ascii=False)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    return "\n".join((opening, ",\n".join(lines), f"{indent}{closing}"))
