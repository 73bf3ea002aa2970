"""A sentence that names just two and how they speak, and which no rule has understood: who of the two asks the other is guessed by what leads to their names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.extract.findings import CALLABLE
from generator.extract.mentions import BESIDE, FROM, TO, VIA, Mention, is_denied, is_hypothetical, tokens_of
from generator.extract.naming import Entity
from generator.extract.relating import VOUCHED
from generator.extract.values import protocols
from generator.extract.vocabulary import ARTICLES, BY, JOINERS, PRONOUNS, folded, words_of

BETWEEN = words_of("between zwischen entre")
ASKING = re.compile(r"\b(?:where|client|caller|consumer|asker|used|called|asked|polled|queried|reached|served|that [a-z ]+ fills)\b")
"""Said between two names, the second one's part: `A has an API; its only client is B`."""
THE_ONE = re.compile(r"\bis (?:the |an? )?(?:only |sole |one )?(?:client|caller|consumer|user)\b(?! is)")
"""`A is the only client of B`."""
OFFERING = re.compile(
    r"^(?:has|have|offers?|exposes?|provides?|serves?|answers?|takes?|accepts?|receives?|sits? behind|is behind|is (?:only )?(?:called|used|asked|queried|reached)"
    r"|bietet|stellt|beantwortet|nimmt|empfaengt|hat|offre|expose|propose|fournit|recoit|ofrece|expone|recibe)\b"
)
"""Said right after the first name: it is asked."""
QUEUE = re.compile(r"\b(?:queue|warteschlange|file d'attente|cola)\b")
CALLED_AFTER = re.compile(
    r", (?:which|that|die|das|den|que) (?:it|he|they|er|sie|es|il|elle|the former) (?:[a-z]+ ){0,3}?(?:calls?|asks?|quer\w+|polls?|uses?|reach\w*|auf?ruft|anspricht|fragt|nutzt|appelle|interroge)\b"
)
"""`… by B, which the former calls`."""
PROVIDED = re.compile(r"\bstell\w*\b.* \b(?:bereit|zur verfuegung)\b")
IS_DONE = re.compile(r"\b(?:wird|werden|wurden?|genutzte?\w*|aufgerufene?\w*)\b", re.IGNORECASE)
"""Of a German sentence with `von`, that something is done by whom it leads to: `wird … von A`, `die von A genutzte …`."""
LINK = re.compile(r"\b(?:interface|connection|link|client|adapter|connector|line|schnittstelle|anbindung|verbindung|liaison)\b")
"""`A has an interface to B`."""
ASKERS = words_of("client caller consumer user clients callers consumers users")
SHORTEST = 6
"""Words of a sentence; what has fewer is an entry of a list."""


def ends_of_call(sentence: str, named: Sequence[Mention], subject: Entity | None) -> tuple[Mention, Mention, str] | None:
    """Who calls whom and over what (`async` for a queue); None where a third one may be the caller, or the two are only listed."""
    tokens = tokens_of(sentence)
    parties = _parties(named)
    spoken = protocols(sentence)
    if len(parties) != 2 or len(spoken) != 1 or len(tokens) < SHORTEST or is_denied(sentence) or is_hypothetical(sentence):
        return None
    first, second = parties
    is_vouched = all(each.kind == "external" or (each.entity and each.entity.weight >= VOUCHED) for each in parties)
    if any(each.kind == "event" for each in named):
        return None
    if not is_vouched or (spoken == ["async"] and not QUEUE.search(folded(sentence))):
        return None
    is_of_another = subject is not None and subject.kind == "component" and subject not in (first.entity, second.entity)
    ahead = [folded(each) for each in tokens[: first.start]]
    if is_of_another or (set(ahead) & PRONOUNS and not set(ahead) & ASKERS) or "component" not in (first.kind, second.kind):
        return None
    between = [folded(each) for each in tokens[first.end : second.start]]
    is_between = bool(set(ahead) & BETWEEN)
    if all(word in JOINERS | ARTICLES | {",", "(", ")", *spoken} for word in between) and not is_between:
        return None
    if set(ahead) & ASKERS and first.before in FROM and not second.before:
        return second, first, spoken[0]  # `the only caller of A is B`
    after = " ".join(folded(each) for each in tokens[second.end :])
    if is_between or CALLED_AFTER.match(after):
        return first, second, spoken[0]
    is_asked = True if PROVIDED.search(folded(sentence)) else _is_calling_back(first, second, sentence, " ".join(between))
    if is_asked is None:
        is_asked = _is_asked(first, second, " ".join(between), sentence)
    if is_asked is None:
        return None
    return (second, first, spoken[0]) if is_asked else (first, second, spoken[0])


def ends_beside(sentence: str, named: Sequence[Mention], carried: Mention) -> tuple[Mention, Mention, str] | None:
    """The same of a sentence that names but one, and means the one of the sentence before by a pronoun: `Its only client is A.`, `For prices it asks B over REST.`"""
    tokens = tokens_of(sentence)
    parties = _parties(named)
    spoken = protocols(sentence)
    words = [folded(each) for each in tokens]
    if (
        len(parties) != 1
        or len(spoken) != 1
        or spoken == ["async"]
        or not set(words) & MEANT
        or is_denied(sentence)
        or is_hypothetical(sentence)
    ):
        return None
    [party] = parties
    is_vouched = party.kind == "external" or (party.entity is not None and party.entity.weight >= VOUCHED)
    if not is_vouched or party.text == carried.text or party.entity is carried.entity or any(each.kind == "event" for each in named):
        return None
    if "component" not in (party.kind, carried.kind) or set(words[max(0, party.start - 3) : party.start]) & JOINERS - {"then"}:
        return None
    is_asking = party.before in BY or bool(set(words) & ASKERS)
    if party.start <= 1 and not party.before:
        is_asking = is_asking or not CALLED_BY_IT.search(" ".join(words))
    return (party, carried, spoken[0]) if is_asking else (carried, party, spoken[0])


MEANT = words_of("it its he she they their them there er sie ihn ihr ihm seine ihre dort il elle l' lui son sa ses leur")
CALLED_BY_IT = re.compile(r"\b(?:that|which|das|die|den|que|qu') ?(?:it|they|he|she|er|sie|es|il|elle)\b")
"""`A is a service that it calls`."""


def carried_on(sentence: str, named: Sequence[Mention], carried: Mention | None) -> Mention | None:
    """Who is spoken of in the next sentence: whoever a pronoun goes on about, or the only component or third party that is named."""
    parties = _parties(named)
    opening = tokens_of(sentence)[: parties[0].start if parties else OPENING]
    if carried and set(map(folded, opening)) & SPEAKERS:
        return carried
    return parties[0] if len(parties) == 1 else carried if not parties else None


OPENING = 5
SPEAKERS = words_of("it he she they er sie es il elle ils elles dieser diese dieses ihm ihr ihn")


def _parties(named: Sequence[Mention]) -> list[Mention]:
    """Those that are named, each where it is named first."""
    found: dict[str, Mention] = {}
    for each in named:
        if each.kind in CALLABLE:
            found.setdefault(each.entity.name if each.entity else each.text, each)
    return list(found.values())


def _is_calling_back(first: Mention, second: Mention, sentence: str, between: str) -> bool | None:
    """Of a webhook: whether the third party is the second one, and calls the first; None where it is none, or the third party's."""
    if not is_webhook(sentence) or {first.kind, second.kind} != {"component", "external"}:
        return None
    is_theirs = first.kind == "component" and not first.before and second.before in TO and not RECEIVES.search(between)
    return None if is_theirs else second.kind == "external"


def is_webhook(sentence: str) -> bool:
    return bool(WEBHOOK.search(folded(sentence)))


WEBHOOK = re.compile(r"\b(?:web-?hooks?|call-?backs?)\b")
RECEIVES = re.compile(r"\b(?:receiv|expos|offer|provid|has|have|gets?|waits?|accept|tak|recoi|erhaelt|empfaeng|bekommt|nimmt)")


def _is_asked(first: Mention, second: Mention, between: str, sentence: str) -> bool | None:
    """Whether the first one is asked by the second; None when nothing tells."""
    if first.before in FROM and second.before in TO:
        return False
    if second.before in BY - {"von", "vom"} or (second.before in ("von", "vom") and IS_DONE.search(sentence)):
        return first.before not in TO  # `delivered to A by B`
    if not first.before and second.before in TO and LINK.search(between):
        return False
    if not first.before and (OFFERING.match(between) or ASKING.search(between)):
        return not THE_ONE.search(between)
    if not first.before and second.before in TO | FROM | BESIDE | VIA:
        return False
    if first.before == "in" and second.before in TO | FROM:
        return False  # `a job in A fetches them from B`
    return True if first.before in TO | FROM | BESIDE and not second.before else None if first.before else False
