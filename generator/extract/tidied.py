"""The values of labels in one way of writing: `gRPC: Ledger`, `gRPC to the Ledger` and `Ledger/gRPC` are `Ledger (gRPC)`, `PostgreSQL (orders db)` is `orders db (PostgreSQL)`."""

from __future__ import annotations

import re

from generator.extract.naming import engine_of
from generator.extract.phrases import ARROW, ENGINE
from generator.extract.values import protocol, split_list

SPOKEN = r"(?:REST(?:/JSON)?|JSON/HTTPS?|HTTPS?(?:/JSON)?|JSON over HTTPS?|gRPC|GraphQL|SOAP|SFTP|FTPS?|SMTP|TCP|Modbus(?: TCP)?)"
LEADING_ARROW = re.compile(rf"^\s*{ARROW}\s*")
NEXT_ARROW = re.compile(rf"(?<=\))[,;]?\s*{ARROW}\s*(?=[\w`])")
BY_SLASH = re.compile(rf"(?<![\w/])(?P<name>[A-ZÀ-Þ`][\w' -]*[\w`]) ?/ ?(?P<spoken>{SPOKEN})(?=\s*(?:[,;.]|$))")
BY_COLON = re.compile(rf"^(?P<spoken>{SPOKEN}):\s+(?P<names>[^:]+)$")
BY_TO = re.compile(
    rf"^(?:and )?(?P<spoken>{SPOKEN})(?: calls?| requests?)? (?:to|with|towards|zu|an|zum|zur|vers|avec) (?:the |our |der |die |das |dem |le |la )?(?P<name>[A-ZÀ-Þ`][^,;]*)$"
)


def tidied_calls(text: str) -> str:
    """Whom somebody calls, each with its protocol in brackets."""
    text = NEXT_ARROW.sub("; ", LEADING_ARROW.sub("", text))
    text = BY_SLASH.sub(lambda found: f"{found['name']} ({found['spoken']})", text)
    return "; ".join(_call(entry) for entry in _entries(text, ";")) if SPOKEN_FIRST.search(text) else text


SPOKEN_FIRST = re.compile(rf"(?:^|[;,] |and ){SPOKEN}(?::| to | with | calls? to | zu[mr]? | an | vers )")


def _entries(text: str, at: str) -> list[str]:
    return [each.strip().strip(".") for each in split_list(text, at) if each.strip()]


def _call(entry: str) -> str:
    if group := BY_COLON.match(entry):
        return ", ".join(each if protocol(each) else f"{each} ({group['spoken']})" for each in _entries(group["names"], ","))
    told = [BY_TO.match(each) for each in re.split(r",\s+(?:and )?|\s+and\s+", entry)]
    if told and all(told):
        return ", ".join(f"{each['name']} ({each['spoken']})" for each in told if each)
    return entry


ENGINE_FIRST = re.compile(
    rf"^(?P<engine>(?i:{ENGINE})(?: v?\d[\d.]*)?)(?: \((?P<inside>[^()]{{3,40}})\)|: (?P<after>[\w` -]{{3,40}})| (?:as|als|en tant que) (?P<role>(?:the |an? )?[\w` -]{{3,40}}))(?P<rest>[,;.].*)?$"
)
ENGINE_LAST = re.compile(rf"^(?P<name>[\w` -]{{3,40}}?) ?/ ?(?P<engine>(?i:{ENGINE})(?: v?\d[\d.]*)?)(?P<rest>[,;.].*)?$")
IS_STORE = re.compile(
    r"(?i)(?:database|\bdb|-db|store|bucket|index|cache|archive|ledger|repository|log|datenbank|speicher|archiv|base|entrepôt)`?$"
)


def tidied_stores(text: str) -> str:
    """What somebody keeps data in, each with its engine in brackets."""
    return "; ".join(_store(entry) for entry in _entries(text, ";")) if any(map(engine_of, re.findall(r"\w+", text))) else text


def _store(entry: str) -> str:
    found = ENGINE_FIRST.match(entry) or ENGINE_LAST.match(entry)
    if not found:
        return entry
    said = found.groupdict()
    name = next(each for key in ("inside", "after", "role", "name") if (each := said.get(key)))
    is_named = bool(IS_STORE.search(name)) and engine_of(name) is None
    return f"{name} ({found['engine']}){found['rest'] or ''}" if is_named else entry
