"""Where a finding is shown: the place that a person can change, the line there, and its address."""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.diagnostics import Diagnostic, Related, Span

ReadLine = Callable[[Span], str | None]
"""The line of a place; None where it cannot be shown."""

GENERATED = "(generated) "
"""What the path of a file begins with that was refused before it was written."""


def authored(found: Diagnostic) -> Span:
    """The place to change: for a file that was generated and refused, the contract line that it comes from."""
    return found.related[-1].at if _is_moved(found) else found.at


def others(found: Diagnostic) -> tuple[Related, ...]:
    """The other places that it is about."""
    return (*found.related[:-1], Related(found.at, "refused here")) if _is_moved(found) else found.related


def _is_moved(found: Diagnostic) -> bool:
    return found.at.file.startswith(GENERATED) and bool(found.related)


def address(file: str) -> str:
    """A path as a URI reference: all but unreserved characters and slashes is percent-encoded (RFC 3986, section 2)."""
    path = re.sub(rb"[^A-Za-z0-9._~/-]", lambda found: b"%%%02X" % found.group()[0], file.encode("utf-8", "replace")).decode()
    return f"file://{path}" if path.startswith("/") else path
