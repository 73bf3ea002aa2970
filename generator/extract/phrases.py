"""Turns of phrase that say what a plain verb would: they are replaced before a sentence is read."""

from __future__ import annotations

import re

from generator.extract.vocabulary import ENGINES

ENGINE = "|".join(sorted(map(re.escape, ENGINES), key=len, reverse=True))
HAPPENING = r"(?=`?[A-ZÀ-Þ][a-zß-ÿ0-9]+[A-ZÀ-Þ]|`[a-z][\w-]*\.)"
"""An event comes next: in one word with capitals within, or with dots."""
TOLD = r"(?:notified|informed|told|alerted|woken|triggered|driven|started)"
PHRASES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(phrase), plain)
    for phrase, plain in (
        (
            rf"\b(?:[Ii]s|[Aa]re|[Gg]ets) (?:also |then )?{TOLD}(?: up)?(?: (?:of|about) [a-z ]{{3,30}})? (?:through|by|via|of|about|with) {HAPPENING}",
            "consumes ",
        ),
        (rf"^\W*(?:When|Once|After|As soon as|If|Wenn|Sobald|Quand|Lorsque|Cuando) [^:`]{{3,80}}: {HAPPENING}", "It publishes "),
        (rf"\b[Pp]icks? up {HAPPENING}", "consumes "),
        (r"\b[Pp]icks? (it|them|`[^`]{1,60}`|[A-Z]\w{2,40}) up\b", r"consumes \1"),
        (rf"\b(?:waits?|looks? out) for {HAPPENING}", "consumes "),
        (r"\bOpen ?ID Connect\b", "OIDC"),
        (rf"\b(?:has|have) (?=(?:its|their|an?) (?:[a-z]+ ){{0,2}}(?i:{ENGINE})\b)", "keeps data in "),
        (r"\b[Mm]akes? (?:[A-Za-z]+ ){0,2}(?:calls?|requests?) to\b", "calls"),
        (r"\b(?:is|are) subscribed to\b", "subscribes to"),
        (r"\b(?:is|are) backed by\b", "is stored in"),
        (r"(?<=, )backed by\b", "stored in"),
        (r"\b[Mm]akes? use of\b", "uses"),
        (r"\b(?:by means of|with the (?:help|aid) of)\b", "using"),
        (r"\b(?:mit Hilfe|mithilfe) (?:von|des|der)\b", "mittels"),
        (r"\bà l'aide d[eu]\b", "par"),
        (rf"\best (?:aussi )?(?:informée?|notifiée?|avertie?|déclenchée?) (?:par|de) {HAPPENING}", "consomme "),
        (rf"\bes (?:también )?(?:notificad|informad|avisad|activad)[oa] (?:por|de|mediante) {HAPPENING}", "consume "),
        (
            rf"\bwird (?:auch )?(?:durch|von|über) {HAPPENING}(`?[\w.]+`?) (?:benachrichtigt|informiert|angestoßen|ausgelöst|geweckt)",
            r"konsumiert \1",
        ),
        (r"\bfr\. (?=[A-Z])", "from "),
        (r"\bthru\b", "through"),
    )
)
"""Turns of phrase, and the plain verb or preposition that says the same."""
