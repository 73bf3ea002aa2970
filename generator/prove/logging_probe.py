"""Configures Python's logging as each component would, logs to every logger, and tells what came out; runs in a process of its own."""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import json
import logging
import logging.config
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from opentelemetry import _logs

LEVELS = (logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
RESERVED = frozenset({*vars(logging.makeLogRecord({})), "message", "asctime"})
"""Names that `extra` cannot have."""
Data = dict[str, Any]


def answer(question: Data) -> list[Data]:
    """What each component's configuration did, in the order of the question."""
    sys.path.insert(0, question["source"])
    collector = Collector()
    _logs.set_logger_provider(collector)
    return [_probed(each, question, collector) for each in question["components"]]


def _probed(component: Data, question: Data, collector: Collector) -> Data:
    """Loads the configuration into a fresh logging, and puts everything through it."""
    logging.root.handlers.clear()
    logging.Logger.manager.loggerDict.clear()
    collector.records.clear()
    probes = Probes()
    console = io.StringIO()
    refusals: list[Data] = []
    try:
        with contextlib.redirect_stdout(console):
            logging.config.dictConfig(json.loads(component["config"]))
            module = importlib.import_module(question["package"])
            with module.bind(question["correlation"], question["request"]):
                _levels(component["loggers"], question["added"], probes)
                _secrets(component, probes)
                refusals = list(_audited(component, question, module))
    except Exception as error:  # noqa: BLE001  # whatever it is, it is the answer
        words = f"{type(error).__name__}: {error}" + (f" ({error.__cause__})" if error.__cause__ else "")
        return {"error": words}
    return {
        "error": None,
        "console": console.getvalue(),
        "collector": list(collector.records),
        "probes": probes.made,
        "secrets": probes.secrets,
        "refusals": refusals,
    }


class Probes:
    """What was logged: messages by level and logger, and values that nobody may see with the way they were logged."""

    def __init__(self) -> None:
        self.made: list[Data] = []
        self.secrets: dict[str, str] = {}

    def message(self, logger: str, level: int) -> str:
        text = f"probe-{len(self.made)}-end"
        self.made.append({"logger": logger, "level": level, "message": text})
        return text

    def secret(self, what: str) -> str:
        """A value that no other text has a part of."""
        value = f"ghost{len(self.secrets)}x"
        self.secrets[value] = what
        return value


def _levels(loggers: list[str], added: str, probes: Probes) -> None:
    for name in loggers:
        for level in LEVELS:
            message = probes.message(name, level)
            logging.getLogger(name).log(level, message, extra={added: message})


def _secrets(component: Data, probes: Probes) -> None:
    """Each protected name, in each way in which a program may give it to a logger."""
    root = logging.getLogger()
    for name in component["fields"]:
        for what, log in FORMS.items():
            if what != "as extra" or name not in RESERVED:
                log(root, name, probes.secret(f'"{name}" {what}'))
    for path in component["paths"]:
        shown = path
        for name in component["fields"]:
            shown = shown.replace(f"{{{name}}}", probes.secret(f'"{name}" in the path {path}')) if f"{{{name}}}" in path else shown
        root.critical('"GET %s HTTP/1.1" 200', shown)
    if component["mail_addresses"]:
        root.critical("wrote to %s today", f"{probes.secret('a mail address in a text')}@mail.example")


def _raised(logger: logging.Logger, name: str, value: str) -> None:
    try:
        _fail(json.dumps({name: value}))
    except ValueError:
        logger.critical("probe", exc_info=True)


def _fail(words: str) -> None:
    raise ValueError(words)


FORMS: Mapping[str, Callable[[logging.Logger, str, str], None]] = {
    "as extra": lambda logger, name, value: logger.critical("probe", extra={name: value}),
    "nested in extra": lambda logger, name, value: logger.critical("probe", extra={"probe_held": [{"probe_deeper": {name: value}}]}),
    "in a mapping as argument": lambda logger, name, value: logger.critical("probe %s", {name: value}),
    "in one of several arguments": lambda logger, name, value: logger.critical("probe %s of %d", [{name: value}], 1),
    "in a mapping as message": lambda logger, name, value: logger.critical({"message": "probe", name: value}),
    "in JSON": lambda logger, name, value: logger.critical(json.dumps({name: value})),
    "in a mapping as text": lambda logger, name, value: logger.critical(str({name: value})),
    "in an exception": _raised,
}


def _audited(component: Data, question: Data, module: Any) -> Iterator[Data]:
    """Writes a record of each event; then what must be refused."""
    actor, clear, hidden = question["actor"], question["clear"], question["hidden"]
    for event, values in component["events"].items():
        resource = {name: clear if is_clear else f"{hidden} {name}" for name, is_clear in values.items()}
        held = {name: f"{hidden} {name}" for name in component["fields"]}
        module.audit(event, actor=actor, outcome="denied", resource={**resource, "probe_held": held})
        audit = functools.partial(module.audit, event)
        if values:
            yield {"what": f"{event} without its resource", "words": _refusal(functools.partial(audit, actor=actor))}
        yield {"what": f"{event} without an actor", "words": _refusal(functools.partial(audit, actor="", resource=resource))}
    if component["events"]:
        yield {"what": "an unknown event", "words": _refusal(functools.partial(module.audit, "no such event", actor=actor))}
        yield {"what": "a record past audit()", "words": _refusal(functools.partial(logging.getLogger("audit").critical, "probe"))}


def _refusal(act: Callable[[], object]) -> str | None:
    """What was said, if it was refused."""
    try:
        act()
    except ValueError as refused:
        return str(refused)
    return None


class Collector(_logs.LoggerProvider):
    """Takes what would leave by OpenTelemetry."""

    def __init__(self) -> None:
        self.records: list[Data] = []

    def get_logger(self, name: str, *_: Any, **__: Any) -> _logs.Logger:
        return Scope(name, self.records)


class Scope(_logs.Logger):
    """What leaves under the name of one logger."""

    def __init__(self, name: str, records: list[Data]) -> None:
        super().__init__(name)
        self.name, self.records = name, records

    def emit(self, record: _logs.LogRecord | None = None, **values: Any) -> None:
        known = values | (vars(record) if record is not None else {})
        kept = {key: known.get(key) for key in ("timestamp", "severity_text", "body", "event_name")}
        self.records.append({**kept, "scope": self.name, "attributes": dict(known.get("attributes") or {})})

    def enabled(self, **_: Any) -> bool:
        return True


if __name__ == "__main__":
    sys.stdout.write(json.dumps(answer(json.load(sys.stdin)), default=str))
