"""Modules of the Python package that decide what a log record says: ids of the request, redaction, form."""

from __future__ import annotations

CONTEXT = r'''"""The ids of the request or message that is being handled: they go into each log record and into each further call."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar

from opentelemetry.trace import format_span_id, format_trace_id, get_current_span

CORRELATION_ID_HEADER = "X-Correlation-ID"
REQUEST_ID_HEADER = "X-Request-ID"

correlation_id: ContextVar[str | None] = ContextVar("correlation_id", default=None)
request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

CONTEXT_KEYS = ("service", "correlation_id", "request_id", "trace_id", "span_id")
"""What `ContextFilter` gives each record."""
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}")


@contextmanager
def bind(correlation: str | None = None, request: str | None = None) -> Iterator[None]:
    """While this lasts, records carry these ids, and new ones where none is given.

    What comes from outside goes into every line, so an id that is longer than 128 characters or has others than letters,
    digits and `._:/+=@-` is replaced, too.
    """
    correlation_token = correlation_id.set(_plain(correlation))
    request_token = request_id.set(_plain(request))
    try:
        yield
    finally:
        request_id.reset(request_token)
        correlation_id.reset(correlation_token)


def bind_headers(headers: Mapping[str, str]) -> AbstractContextManager[None]:
    """`bind` with the ids that the headers of a request bring, in whatever case they are written."""
    folded = {name.lower(): value for name, value in headers.items()}
    return bind(folded.get(CORRELATION_ID_HEADER.lower()), folded.get(REQUEST_ID_HEADER.lower()))


def outgoing_headers() -> dict[str, str]:
    """The headers that hand the ids on to whom is called."""
    found = {CORRELATION_ID_HEADER: correlation_id.get(), REQUEST_ID_HEADER: request_id.get()}
    return {name: value for name, value in found.items() if value is not None}


class ContextFilter(logging.Filter):
    """Gives each record the service, the ids and the trace that it belongs to, whatever `extra` says of them."""

    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service

    def filter(self, record: logging.LogRecord) -> bool:
        span = get_current_span().get_span_context()
        own = vars(record)
        own["service"] = self.service
        own["correlation_id"] = correlation_id.get()
        own["request_id"] = request_id.get()
        own["trace_id"] = format_trace_id(span.trace_id) if span.is_valid else None
        own["span_id"] = format_span_id(span.span_id) if span.is_valid else None
        return True


def _plain(given: str | None) -> str:
    return given if given is not None and _PLAIN.fullmatch(given) else str(uuid.uuid4())
'''

REDACTION = r'''"""Protected fields are never written in clear: values are replaced wherever a record gives them a name.

That is in `extra` and arguments, in what is nested in these, in texts and exceptions as `name=value` or `"name": value`,
and in paths whose template has the name; mail addresses are replaced wherever they stand, if one of the fields is one.
What stands in a text with nothing to tell what it is cannot be found: log values under their names.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import logging
import math
import re
import traceback
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from .context import CONTEXT_KEYS

REDACTED = "[REDACTED]"
STANDARD = frozenset({*vars(logging.makeLogRecord({})), "asctime", "message", "taskName"})
"""What every record has; the rest is `extra`."""
MAIL_ADDRESS = re.compile(r"""[^\s@"'<>()\[\]{}\\,;:=&/?]{1,64}(?:@|%40)[^\s@"'<>()\[\]{}\\,;:=&/?]{1,255}""")
ECHO = "input_value"
"""What Pydantic calls the value that it refuses, whatever field it stands in."""
DEEPEST = 16

_NAME = r"[\w$][\w.$-]{0,99}"
_KEY = re.compile(
    rf"""
    (?: \\{{1,4}}(?P<quote>["'])(?P<escaped>.{{1,200}}?)\\{{1,4}}(?P=quote)
      | "(?P<double>(?:[^"\\\n]|\\.){{1,200}})" | '(?P<single>(?:[^'\\\n]|\\.){{1,200}})'
      | (?<![\w.$-])(?P<bare>{_NAME})
    ) \s*[:=]\s*
    """,
    re.VERBOSE,
)
_ESCAPE = re.compile(r"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
_NEXT = rf"""\s*\\{{0,4}}["']?{_NAME}\\{{0,4}}["']?\s*[:=]"""
_VALUE = re.compile(
    rf"""
    "(?:[^"\\]|\\.)*" | '(?:[^'\\]|\\.)*'
    | (?P<escaped>\\{{1,4}}["']).*?(?P=escaped)
    | (?:[^,;&\n)}}\]"'({{\[\\]|[,;&](?!{_NEXT}))*(?=[,;&\n)}}\]]|\Z)
    | .*
    """,
    re.VERBOSE | re.DOTALL,
)
"""A quoted text, or the words up to the next name or the end of the line; else everything, as a list may go on for long."""
_SEGMENT = r"""[^/?#\s"'<>]+"""
_END = r"""(?=[?#\s"'<>]|\Z)"""
_METHOD = r"\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s+"
_PLAIN_VALUES = (bool, int, decimal.Decimal, dt.date, dt.time, dt.timedelta, uuid.UUID, type(None))


class RedactionFilter(logging.Filter):
    """Changes the record itself, so that handlers after this one cannot show what it hid.

    Names are compared without case and separators: `customerId` is also `customer_id` and `Customer-ID`.
    """

    def __init__(self, fields: Mapping[str, str], paths: Iterable[str] = (), mail_addresses: bool = False) -> None:
        """`fields` by name with their classification, `paths` as templates: `/users/{userId}`."""
        super().__init__()
        self.names = frozenset(fold(name) for name in (*fields, *([ECHO] if fields else ())))
        self.secrets = frozenset(fold(name) for name, level in fields.items() if level == "secret")
        self.paths = [self._path_pattern(path) for path in paths]
        self.mail_addresses = mail_addresses

    def filter(self, record: logging.LogRecord) -> bool:
        own = vars(record)
        if not own.get("_is_redacted"):
            try:
                self._redact(record)
            except Exception as error:  # noqa: BLE001  # whatever an object does when it is looked at: who logs it is not interrupted
                for name in additions(record):
                    own[name] = REDACTED
                record.msg = f"{REDACTED} (the record could not be read: {type(error).__name__})"
                record.args = record.exc_info = record.exc_text = record.stack_info = None
            own["_is_redacted"] = True
        return True

    def member(self, name: str, value: object, depth: int = 0) -> Any:
        """The value as it may be shown under a name."""
        return REDACTED if value is not None and self.is_protected(name) else self.value(value, depth)

    def is_protected(self, name: str) -> bool:
        """Whether a name, or the last part of one with dots, is that of a protected field."""
        return fold(name) in self.names or fold(name.rpartition(".")[2]) in self.names

    def value(self, value: object, depth: int = 0) -> Any:
        """The value without what must not be shown, made of what JSON has or can write."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, float):
            return value if math.isfinite(value) else str(value)
        if isinstance(value, _PLAIN_VALUES):
            return value
        if depth > DEEPEST:
            return "…"
        members = _members(value)
        if members is not None:
            return {str(name): self.member(str(name), each, depth + 1) for name, each in members.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.value(each, depth + 1) for each in value]
        return self.text(value.decode(errors="replace") if isinstance(value, bytes) else str(value))

    def text(self, text: str) -> str:
        """The text without the values that it names, protected parts of paths, and mail addresses."""
        text = self._named(text) if self.names else text
        for pattern, replacement in self.paths:
            text = pattern.sub(replacement, text)
        return MAIL_ADDRESS.sub(REDACTED, text) if self.mail_addresses else text

    def _named(self, text: str) -> str:
        parts: list[str] = []
        at = 0
        while found := _KEY.search(text, at):
            parts.append(text[at : found.end()])
            at = found.end()
            if self.is_protected(_key(found)):
                value = _VALUE.match(text, at)
                at = value.end() if value else len(text)
                parts.append(REDACTED)
        return "".join([*parts, text[at:]])

    def _redact(self, record: logging.LogRecord) -> None:
        own = vars(record)
        for name, value in additions(record).items():
            own[name] = self.member(name, value)
        if isinstance(record.msg, Mapping):
            record.msg = self.value(record.msg)
        else:
            self._message(record)
        if record.exc_info and record.exc_info[0] is not None:
            kind, exception, _ = record.exc_info
            own["_exception_type"] = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
            own["_exception_message"] = self.text(str(exception))
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        record.exc_info = None  # it would still hold what the exception was about
        record.exc_text = self.text(record.exc_text) if record.exc_text else None
        record.stack_info = self.text(record.stack_info) if record.stack_info else None

    def _message(self, record: logging.LogRecord) -> None:
        """The whole message, as its parts may be protected by the names that stand before them."""
        if isinstance(record.args, Mapping):
            record.args = self.value(record.args)
        elif record.args:
            record.args = tuple(self.value(each) for each in record.args)
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):  # arguments that do not fit are shown beside the message
            message = f"{record.msg} {record.args}"
        record.msg = self.text(message)
        record.args = None

    def _path_pattern(self, path: str) -> tuple[re.Pattern[str], str]:
        """What finds the path with any values, and what stands for it; only protected values change.

        A path that starts with such a value could be any path, so it is looked for behind a method only.
        """
        pieces = re.split(r"(\{[^{}]*\})", path)
        is_any = not re.search(r"\w", pieces[0])
        pattern, shown = f"({_METHOD})" if is_any else "()", r"\g<1>"
        for group, piece in enumerate(pieces, 2):
            is_hidden = piece.startswith("{") and self.is_protected(piece[1:-1])
            pattern += f"({_SEGMENT if piece.startswith('{') else re.escape(piece)})"
            shown += REDACTED if is_hidden else rf"\g<{group}>"
        return re.compile(pattern + _END if is_any else pattern), shown


def additions(record: logging.LogRecord) -> dict[str, Any]:
    """What a program gave a record as `extra`."""
    known = STANDARD.union(CONTEXT_KEYS)
    return {name: value for name, value in sorted(vars(record).items()) if name not in known and not name.startswith("_")}


def _key(found: re.Match[str]) -> str:
    """The name, with letters that JSON or Python wrote as numbers."""
    name = next(found[group] for group in ("escaped", "double", "single", "bare") if found[group])
    return _ESCAPE.sub(lambda escape: chr(int(escape[1] or escape[2], 16)), name)


def fold(name: str) -> str:
    """A name as it is compared."""
    return "".join(each for each in name.casefold() if each.isalnum()) or name


def _members(value: object) -> Mapping[Any, Any] | None:
    """What the value holds by name: of mappings, dataclasses, named tuples and Pydantic models."""
    if isinstance(value, Mapping):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {each.name: getattr(value, each.name) for each in dataclasses.fields(value)}
    for name in ("_asdict", "model_dump"):
        dump = getattr(value, name, None)
        if callable(dump) and not isinstance(value, type):
            found = dump()
            return found if isinstance(found, Mapping) else None
    return None
'''

JSON_LINES = r'''"""One JSON object for each record, on one line."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from .context import CONTEXT_KEYS
from .redaction import additions


class JsonLines(JsonFormatter):
    """The keys are always the same; what a program adds stands below `mdc`, where it can take the place of none of them."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        exception = [message_dict.pop("exc_info", None), message_dict.pop("stack_info", None)]
        instant = dt.datetime.fromtimestamp(record.created, dt.UTC)
        log_data["timestamp"] = instant.isoformat(timespec="microseconds").replace("+00:00", "Z")
        log_data["level"] = record.levelname
        log_data["logger"] = record.name
        log_data["message"] = record.message or str(message_dict.pop("message", ""))
        log_data |= {key: vars(record).get(key) for key in CONTEXT_KEYS}
        log_data["mdc"] = message_dict | additions(record)
        log_data["exception"] = "\n".join(str(each) for each in exception if each) or None
'''
