"""Numbers with units, protocols and lists as documents write them, in the spelling of the contract."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from generator.extract.vocabulary import folded

NOTHING = re.compile(
    r"^\W*(?:none|n/?a|no(?: (?:events?|calls?|data|stores?|state|database|one))?|nothing|nobody|not applicable|keine?r?s?|nichts|aucune?|rien|neant|ningun[oa]?|nada|no aplica|tbd|\?+|unknown|unbekannt|inconnu|open|offen|niemand|personne|nadie|stateless|zustandslos)?(?:\W+(?:yet|so far|at present|currently|for now|bisher|derzeit|noch|pour l'instant|por ahora))?(?:\W+\([^()]*\))?\W*$"
)
UNITS = {
    "ms": "ms", "msec": "ms", "millisecond": "ms", "millisekunde": "ms", "milliseconde": "ms", "milisegundo": "ms", "s": "s", "sec": "s", "second": "s", "sekunde": "s", "seconde": "s", "segundo": "s", "sek": "s", "min": "m", "m": "m", "minute": "m",
    "minuto": "m", "h": "h", "hr": "h", "hour": "h", "stunde": "h", "std": "h", "heure": "h", "hora": "h", "d": "d", "day": "d", "tag": "d", "tage": "d", "jour": "d", "dia": "d", "w": "w", "week": "w", "woche": "w", "semaine": "w", "semana": "w",
    "y": "y", "yr": "y", "year": "y", "jahr": "y", "jahre": "y", "an": "y", "ano": "y", "annee": "y", "j": "d",
}  # fmt: skip
NUMBER = r"\d+(?:[.,]\d+)*"
DURATION = re.compile(rf"(?<![\w.])({NUMBER})\s*([a-z]+)\b")
PERCENT = re.compile(rf"({NUMBER})\s*%")
PERCENTILE = re.compile(
    rf"\bp(50|95|99)\b\s*(?:latency|latenz|latence|latencia|response time)?\s*(?:is|of|at most|under|below|within|unter|sous|bajo|≤|<=?|:|=|max\.?|von|de|inferieure? a|menor que|less than|up to)*\s*({NUMBER})\s*([a-z]+)\b"
)
AT_PERCENTILE = re.compile(
    rf"({NUMBER})\s*(ms|s)\s*(?:at|in|im|au|en)\s*(?:the\s*|le\s*|el\s*)?(50|95|99)(?:th|\.|e|o)?[ -]*(?:percentile|perzentil|centile|percentil)"
)
RATE = re.compile(
    rf"({NUMBER})\s*(k?)\s*(?:[a-z][a-z -]{{0,30}}?)?(?:/|\bper\b|\bpro\b|\bpar\b|\bpor\b)\s*(s|sec|second|sekunde|seconde|segundo|min|minute|minuto|h|hour|stunde|heure|hora|d|day|tag|jour|dia)\b|({NUMBER})\s*(?:rps|tps|qps|req/s)\b"
)
PROTOCOLS = (
    ("grpc", re.compile(r"\bgrpc\b")),
    ("async", re.compile(r"\b(?:kafka|amqp|rabbitmq|nats|mqtt|(?<!server-sent )(?<!serversent )events?(?! (?:does|do|has|have) not\b)|asynchron\w*|async\w*|queues?|topics?|message[- ](?:bus|queue|broker)|messaging|jms|sqs|sns|pub/sub|pulsar|ereignis\w*|nachrichten(?:bus|broker)|evenements?|eventos?|cola|coda|warteschlange|(?:(?<=la )|(?<=une )|(?<=^)|(?<=par )|(?<=via ))file(?= `[a-z]| d'attente))\b")),
    ("http", re.compile(r"\b(?:rest|https?|json|openapi|odata|graphql|webhooks?|soap|oidc|openid connect|oauth2?|jwks|xml|api rest|restful|fhir|hl7 fhir|websockets?|ws|server-sent events?|sse)\b")),
    ("sftp", re.compile(r"\b(?:sftp|ftps?)\b")),
    ("smtp", re.compile(r"\bsmtps?\b")),
    ("tcp", re.compile(r"\b(?:tcp|mllp|hl7|jdbc|ldap|modbus|netconf|snmp|sips?|opc[- ]?ua|iso ?8583|dicom|coap|lorawan|fix)\b")),
)  # fmt: skip
OPERATION = re.compile(r"\b((?:GET|HEAD|POST|PUT|PATCH|DELETE)\s+/[^\s`,;|)]*)")


def without_article(text: str) -> str:
    return re.sub(
        r"^(?:an?|the|our|its|ein|eine|un|une|una|uno|der|die|das|le|la|les|el|los|las|il|lo|gli)\s+", "", text.strip(), flags=re.IGNORECASE
    )


def is_nothing(text: str) -> bool:
    """`none`, a dash, `keine`: the document says that there is none."""
    return bool(NOTHING.match(folded(text).strip()))


def number(text: str) -> str:
    """`1,500` is 1500 and `99,9` is 99.9: a comma before three digits parts thousands."""
    text = re.sub(r",(?=\d{3}(?:\D|$))", "", text)
    text = text.replace(",", ".")
    return text if text.count(".") < 2 else text.replace(".", "")


def duration(text: str) -> str | None:
    """The first length of time in a text."""
    for found in DURATION.finditer(folded(text)):
        unit = UNITS.get(found[2]) or UNITS.get(found[2].rstrip("sen")) or UNITS.get(found[2].rstrip("s"))
        if unit:
            return f"{number(found[1])}{unit}"
    return None


def only_duration(text: str) -> str | None:
    """A length of time that the text opens with and that is all it says, remarks in brackets or after a comma aside."""
    found = re.match(rf"\W*(?:at most|max\.?|up to|hoechstens|au plus|maximo)?\s*({NUMBER}\s*[a-z]+)\s*(?:$|[(,;])", folded(text))
    return duration(found[1]) if found else "0s" if re.match(r"\W*0\s*(?:$|[(,;])", text) else None


def percentage(text: str) -> str | None:
    found = PERCENT.search(text)
    return f"{number(found[1])}%" if found and float(number(found[1])) <= 100 else None


def percentiles(text: str) -> dict[str, str]:
    """`p95 80 ms, p99 150 ms`."""
    found: dict[str, str] = {}
    for percentile, amount, unit in PERCENTILE.findall(folded(text)):
        known = UNITS.get(unit) or UNITS.get(unit.rstrip("s"))
        if known in ("ms", "s", "m"):
            found.setdefault(f"p{percentile}", f"{number(amount)}{known}")
    for amount, unit, percentile in AT_PERCENTILE.findall(folded(text)):
        if UNITS.get(unit) in ("ms", "s"):
            found.setdefault(f"p{percentile}", f"{number(amount)}{UNITS[unit]}")
    return found


def rate(text: str) -> str | None:
    found = RATE.search(folded(text))
    if not found:
        return None
    if found[4]:
        return f"{number(found[4])}/s"
    unit = UNITS.get(found[3])
    return f"{number(found[1])}{'000' if found[2] else ''}/{unit}" if unit and "." not in number(found[1]) else None


def protocol(text: str) -> str | None:
    """The first protocol family that a text names: grpc, http, async, sftp or tcp."""
    plain = folded(text)
    if OPERATION.search(text):
        return "http"
    hits = [(found.start(), name) for name, pattern in PROTOCOLS if (found := pattern.search(plain))]
    return min(hits)[1] if hits else None


def protocols(text: str) -> list[str]:
    plain = folded(text)
    return [name for name, pattern in PROTOCOLS if pattern.search(plain)]


@dataclass(frozen=True, slots=True)
class Piece:
    """An entry of a list in a line: what it is about, and what is said of it in brackets and after a colon."""

    head: str
    rest: str


PROPER = re.compile(
    r"(?:and |und )?(?:[Tt]he |[Oo]ur |[Aa]n? )?(?:[a-z][a-z'’-]+ ){1,5}?([A-ZÀ-Þ][\w-]*(?: [A-ZÀ-Þ][\w-]*){0,2})(?= (?:hosted|run|operated|owned|provided|gateway|system)\b|[\s(,.]|$)"
)


def proper_name(text: str) -> str | None:
    """What something is called after what it is: `the depot system of the carrier ("Depotlink")`, `the policy system Polaris`."""
    quoted = re.search(r"[(]\s*[\"“„'‘«]([^\"”“’'»()]{2,40})[\"”“’'»]\s*[)]", text)
    found = PROPER.match(text)
    return quoted[1] if quoted else found[1] if found else None


def split_list(text: str, marks: str = ",;") -> Iterator[str]:
    """The parts of a text between commas that stand outside of brackets and code."""
    depth, start, in_code = 0, 0, False
    for position, mark in enumerate(text):
        if mark == "`":
            in_code = not in_code
        elif not in_code and mark in "([{":
            depth += 1
        elif not in_code and mark in ")]}":
            depth = max(0, depth - 1)
        elif mark in marks and not depth and not in_code:
            yield text[start:position]
            start = position + 1
    yield text[start:]


KEPT_SPACE = "\x07"
HEAD_ENDS = re.compile(
    r"\s*[(\[]|:\s|:$|\s[–—-]+\s|\s(?:for|to|when|on|over|via|by|using|through|if|at|with|during|für|zum|zur|über|per|bei|wenn|mit|pour|par|lors|quand|avec|sur|para|cuando|con|por|every|once|as|in)\s"
)
OF_THE_SAME = re.compile(r"(?!(?:the|an?|our|its|der|die|das|dem|den|le|la|les|el|los|las)\s)[a-zß-ÿ]+(?!-)\b")
"""`A for plans and graphs`: no other entry begins so."""


def pieces(text: str, whole: Collection[str] = ()) -> Iterator[Piece]:
    """`A (gRPC): getX, getY; B and C` in its entries; the words after a colon belong to the entry before. `whole` are names with an `and` in them."""
    for name in whole:
        text = text.replace(name, name.replace(" ", KEPT_SPACE))
    for part in split_list(text, ",;•|"):
        said = re.split(r"(\s(?:and|und|et|y|&|\+|as well as|sowie|plus)\s)(?![^(]*\))", part)
        entries = [said[0]]
        for joint, each in zip(said[1::2], said[2::2], strict=True):
            if OF_THE_SAME.match(each) and HEAD_ENDS.search(entries[-1]):
                entries[-1] += joint + each
            else:
                entries.append(each)
        for each in entries:
            stripped = each.strip().strip(".").strip()
            if stripped:
                head = HEAD_ENDS.split(stripped, maxsplit=1)[0]
                yield Piece(head.strip().replace(KEPT_SPACE, " "), stripped[len(head) :].strip().replace(KEPT_SPACE, " "))
