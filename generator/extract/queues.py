"""Queues that documents name: whoever fills one sends messages to whoever empties it, wherever in the documents the two are told of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from generator.extract.facts import Source
from generator.extract.mentions import Mention, tokens_of
from generator.extract.naming import Entity
from generator.extract.vocabulary import BY, folded, words_of

QUEUE = r"(?:[Qq]ueue|Warteschlange|\b(?:la |une )?file|\b[Cc]oda|\b[Cc]ola)"
NAMED = re.compile(
    rf"{QUEUE} (?:called |named |namens |nommée |chiamata |llamada )?`(?P<name>[\w.:/-]+)`|`(?P<before>[\w.:/-]+)`[ -]{QUEUE}\b"
)
THIS = re.compile(r"\b(?:this|that|the same|diese[rsn]?|dieselbe|cette|questa|esta) (?:queue|warteschlange|file|coda|cola)\b")
FILLS = words_of(
    "puts put drops drop writes write pushes push sends send places enqueues queues fills fill posts hands feeds publishes adds leaves"
    " stellt stellen legt legen schreibt schreiben sendet füllt fuellt gibt reiht dépose depose envoie met écrit ecrit alimente mette invia scrive pone escribe envía envia"
)
FILLED = words_of("pushed put placed sent written queued dropped handed enqueued")
"""Where whoever fills it stands after `by`."""
EMPTIES = words_of(
    "reads read takes take picks pick works drains empties empty consumes consume pulls polls processes handles gets fetches listens receives dequeues eats watches"
    " liest lesen holt leert verarbeitet nimmt arbeitet konsumiert hört hoert dépile depile lit vide consomme traite reçoit recoit legge svuota consuma lee vacía vacia procesa consume"
)


@dataclass(slots=True)
class Queues:
    """Who fills and who empties each queue, as sentences tell."""

    fillers: dict[str, dict[str, Entity]] = field(default_factory=dict)
    emptiers: dict[str, dict[str, Entity]] = field(default_factory=dict)
    sources: dict[str, Source] = field(default_factory=dict)
    last: str = ""

    def read(self, sentence: str, named: Sequence[Mention], speaker: Entity | None, source: Source) -> None:
        """`speaker` is whom the sentence goes on about when it names nobody."""
        found = NAMED.search(sentence)
        queue = (found["name"] or found["before"]) if found else self.last if self.last and THIS.search(folded(sentence)) else ""
        if not queue:
            return
        self.last = queue
        self.sources.setdefault(queue, source)
        tokens = tokens_of(sentence)
        who = [each for each in named if each.kind == "component" and each.entity]
        for verb, word in ((at, folded(token)) for at, token in enumerate(tokens)):
            side = self.fillers if word in FILLS | FILLED else self.emptiers if word in EMPTIES else None
            if side is None:
                continue
            before = [each for each in who if each.end <= verb and not each.before]
            after = [each for each in who if each.start == verb + 2 and folded(tokens[verb + 1]) in ("der", "die", "das")]
            by = [each for each in who if each.start > verb and folded(each.before) in BY] if word in FILLED else []
            doing = by[0].entity if by else after[0].entity if after else before[-1].entity if before else speaker
            if doing:
                side.setdefault(queue, {})[doing.name] = doing

    def messages(self) -> list[tuple[Entity, Entity, Source]]:
        return [
            (filler, emptier, self.sources[queue])
            for queue in self.fillers
            for filler in self.fillers[queue].values()
            for emptier in self.emptiers.get(queue, {}).values()
            if filler is not emptier
        ]
