"""A sentence that names just two and how they speak, and which no rule has understood: who of the two asks the other is guessed by what leads to their names."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from generator.extract.findings import CALLABLE
from generator.extract.mentions import BESIDE, FROM, TO, VIA, Mention, is_denied, is_hypothetical, tokens_of
from generator.extract.naming import Entity
from generator.extract.relating import VOUCHED
from generator.extract.values import protocols
from generator.extract.vocabulary import ARTICLES, BY, JOINERS, PRONOUNS, VERB_OF, folded, words_of

SHORTEST = 6
"""Words of a sentence; what has fewer is an entry of a list."""
QUEUE = re.compile(r"\b(?:queue|warteschlange|file d'attente|cola)\b")


@dataclass(frozen=True, slots=True)
class _Two:
    """Two names, and the folded words around them."""

    first: Mention
    second: Mention
    ahead: list[str]
    between: str
    after: str
    sentence: str
    before_names: tuple[str, str]
    """The word right before each name."""


def ends_of_call(sentence: str, named: Sequence[Mention], subject: Entity | None) -> tuple[Mention, Mention, str] | None:
    """Who calls whom and over what (`async` for a queue); None where a third one may be the caller, or the two are only listed."""
    parties = _parties(named)
    spoken = _spoken(sentence, named)
    if len(parties) != 2 or spoken is None or not all(map(_is_vouched, parties)) or "component" not in {each.kind for each in parties}:
        return None
    first, second = parties
    words = [folded(each) for each in tokens_of(sentence)]
    two = _Two(
        first,
        second,
        words[: first.start],
        " ".join(words[first.end : second.start]),
        " ".join(words[second.end :]),
        folded(sentence),
        (" ".join(words[first.start - 1 : first.start]), " ".join(words[second.start - 1 : second.start])),
    )
    is_of_another = subject is not None and subject.kind == "component" and subject not in (first.entity, second.entity)
    is_of_it = bool(set(two.ahead) & PRONOUNS) and not set(two.ahead) & ASKERS
    if is_of_another or is_of_it or _are_listed(two, spoken):
        return None
    is_asked = next((told for rule in RULES if (told := rule(two)) is not None), None)
    return None if is_asked is None else (second, first, spoken) if is_asked else (first, second, spoken)


def _spoken(sentence: str, named: Sequence[Mention]) -> str | None:
    """The only protocol of a sentence that tells how things are, and of no event."""
    spoken = protocols(sentence)
    is_fact = len(tokens_of(sentence)) >= SHORTEST and not is_denied(sentence) and not is_hypothetical(sentence)
    if len(spoken) != 1 or not is_fact or any(each.kind == "event" for each in named):
        return None
    return spoken[0] if spoken[0] != "async" or QUEUE.search(folded(sentence)) else None


def _is_vouched(mention: Mention) -> bool:
    return mention.kind == "external" or (mention.entity is not None and mention.entity.weight >= VOUCHED)


def _parties(named: Sequence[Mention]) -> list[Mention]:
    """Those that are named, each where it is named first."""
    found: dict[str, Mention] = {}
    for each in named:
        if each.kind in CALLABLE:
            found.setdefault(each.entity.name if each.entity else each.text, each)
    return list(found.values())


def _are_listed(two: _Two, spoken: str) -> bool:
    """`A (gRPC) and B`; in `ruft der A die B auf` the verb comes first."""
    words = two.between.split()
    is_verb_first = bool(words) and set(words) <= ARTICLES and any(VERB_OF.get(word) in ("call", "use") for word in two.ahead)
    is_between = bool(set(two.ahead) & BETWEEN)
    return all(word in JOINERS | ARTICLES | {",", "(", ")", spoken} for word in words) and not is_between and not is_verb_first


# --- whether the first one is asked by the second; None where a rule does not tell --------------------------------------

BETWEEN = words_of("between zwischen entre")
ASKERS = words_of(
    "client clients caller callers consumer consumers user users aufrufer nutzer konsument gespraechspartner appelant utilisateur consommateur"
)
CALLED_AFTER = re.compile(
    r", (?:which|that|die|das|den|que) (?:it|he|they|er|sie|es|il|elle|the former) (?:[a-z]+ ){0,3}?"
    r"(?:calls?|asks?|quer\w+|polls?|uses?|reach\w*|auf?ruft|anspricht|fragt|nutzt|appelle|interroge)\b"
)
ANSWERED = re.compile(r"\b(?:liefert|beantwortet|bietet|nennt|gibt|sagt|stellt|teilt)\b")
ASKED_THERE = re.compile(
    r"(?:fragt|ruft|nutzt|spricht|holt|asks|calls|uses|queries|fetches|gets) (?:ihn|sie|es|dort|dazu|dafuer|dessen|deren|it|them|there|its)\b"
)
WHOM = re.compile(r", (?:die|das|den|dem|que|qu'|which|that|whom) (?:der|die|das|le|la|the)?$")
PROVIDED = re.compile(r"\bstell\w*\b.* \b(?:bereit|zur verfuegung)\b")
WEBHOOK = re.compile(r"\b(?:web-?hooks?|call-?backs?)\b")
RECEIVES = re.compile(r"\b(?:receiv|expos|offer|provid|has|have|gets?|waits?|accept|tak|recoi|erhaelt|empfaeng|bekommt|nimmt)")
IS_DONE = re.compile(r"\b(?:wird|werden|wurden?|genutzte?\w*|aufgerufene?\w*)\b")
LINK = re.compile(r"\b(?:interface|connection|link|client|adapter|connector|line|schnittstelle|anbindung|verbindung|liaison)\b")
ASKING = re.compile(r"\b(?:where|client|caller|consumer|asker|used|called|asked|polled|queried|reached|served|that [a-z ]+ fills)\b")
THE_ONE = re.compile(r"\bis (?:the |an? )?(?:only |sole |one )?(?:client|caller|consumer|user)\b(?! is)")
OFFERING = re.compile(
    r"^(?:(?:has|have|hat|a|tiene|ha) .*(?:interface|api|client|caller|schnittstelle|endpoint|webhook)|offers?|exposes?|provides?|serves?|answers?|takes?|accepts?|receives?"
    r"|sits? behind|is behind|is (?:only )?(?:called|used|asked|queried|reached)"
    r"|bietet|stellt|beantwortet|nimmt|empfaengt|offre|repond|expose|propose|fournit|recoit|ofrece|expone|recibe)\b"
)
PASSES = ("passe par", "passent par", "s'appuie", "passa per")
"""In French who is gone through is asked, and does nothing."""


def _of_asker(two: _Two) -> bool | None:
    """`the only caller of A is B`."""
    is_of = two.first.before in FROM or bool(set(two.ahead[-2:-1]) & ASKERS)
    return True if set(two.ahead) & ASKERS and is_of and not two.second.before else None


def _of_both(two: _Two) -> bool | None:
    """`between A and B we use gRPC`, `… by B, which the former calls`."""
    return False if set(two.ahead) & BETWEEN or CALLED_AFTER.match(two.after) else None


def _of_dative(two: _Two) -> bool | None:
    """`beantwortet dem A der B`: who asks stands in the dative."""
    is_given = [not each.before and word == "dem" for each, word in zip((two.first, two.second), two.before_names, strict=True)]
    return is_given[1] if sum(is_given) == 1 and ANSWERED.search(two.sentence) else None


def _of_relative(two: _Two) -> bool | None:
    """`A, das der B über REST anspricht`, `A knows it; B asks it there`, `A stellt ihn dem B bereit`."""
    return True if ASKED_THERE.match(two.after) or WHOM.search(two.between) or PROVIDED.search(two.sentence) else None


def _of_webhook(two: _Two) -> bool | None:
    """A third party calls back, unless a component posts to a webhook of its."""
    if not is_webhook(two.sentence) or {two.first.kind, two.second.kind} != {"component", "external"}:
        return None
    is_theirs = two.first.kind == "component" and not two.first.before and two.second.before in TO and not RECEIVES.search(two.between)
    return None if is_theirs else two.second.kind == "external"


def is_webhook(sentence: str) -> bool:
    return bool(WEBHOOK.search(folded(sentence)))


def _of_passive(two: _Two) -> bool | None:
    """`A is reached over REST by B`; `delivered to A by B` is asked for by A. German `von` leads to who does it only in a passive."""
    if two.first.before in FROM and two.second.before in TO:
        return False
    is_done = two.second.before in BY - {"von", "vom"} or (two.second.before in ("von", "vom") and bool(IS_DONE.search(two.sentence)))
    return two.first.before not in TO and not two.between.startswith(PASSES) if is_done else None


def _of_offer(two: _Two) -> bool | None:
    """`A has an API; its only client is B`; but `A has an interface to B`."""
    if two.first.before:
        return None
    if two.second.before in TO and LINK.search(two.between):
        return False
    return not THE_ONE.search(two.between) if OFFERING.match(two.between) or ASKING.search(two.between) else None


def _of_preposition(two: _Two) -> bool | None:
    """`A … to B`, `a job in A fetches them from B`, `for prices at A, B …`; else the first one asks."""
    if two.first.before == "in" and two.second.before in TO | FROM:
        return False
    if not two.first.before:
        return False
    return True if two.first.before in TO | FROM | BESIDE - VIA and not two.second.before else None


RULES: tuple[Callable[[_Two], bool | None], ...] = (
    _of_asker,
    _of_both,
    _of_dative,
    _of_relative,
    _of_webhook,
    _of_passive,
    _of_offer,
    _of_preposition,
)


# --- from one sentence to the next ---------------------------------------------------------------------------------------

MEANT = words_of("it its he she they their them there er sie ihn ihr ihm seine ihre dort il elle l' lui son sa ses leur")
CALLED_BY_IT = re.compile(r"\b(?:that|which|das|die|den|que|qu') ?(?:it|they|he|she|er|sie|es|il|elle)\b")
"""`A is a service that it calls`."""
OPENING = 5
SPEAKERS = words_of("it he she they er sie es il elle ils elles dieser diese dieses ihm ihr ihn")


def ends_beside(sentence: str, named: Sequence[Mention], carried: Mention) -> tuple[Mention, Mention, str] | None:
    """The same of a sentence that names but one, and means the one of the sentence before by a pronoun: `Its only client is A.`, `For prices it asks B over REST.`"""
    parties = _parties(named)
    spoken = _spoken(sentence, named)
    words = [folded(each) for each in tokens_of(sentence)]
    if len(parties) != 1 or spoken in (None, "async") or not set(words) & MEANT or not _is_vouched(parties[0]):
        return None
    [party] = parties
    is_joined = bool(set(words[max(0, party.start - 3) : party.start]) & JOINERS - {"then"})
    if party.text == carried.text or party.entity is carried.entity or "component" not in (party.kind, carried.kind) or is_joined:
        return None
    is_asking = party.before in BY or bool(set(words) & ASKERS)
    if party.start <= 1 and not party.before:
        is_asking = is_asking or not CALLED_BY_IT.search(" ".join(words))
    return (party, carried, str(spoken)) if is_asking else (carried, party, str(spoken))


def carried_on(sentence: str, named: Sequence[Mention], carried: Mention | None) -> Mention | None:
    """Who is spoken of in the next sentence: whoever a pronoun goes on about, or the only component or third party that is named."""
    if is_denied(sentence):
        return None
    parties = _parties(named)
    opening = tokens_of(sentence)[: parties[0].start if parties else OPENING]
    if carried and set(map(folded, opening)) & SPEAKERS:
        return carried
    return parties[0] if len(parties) == 1 else carried if not parties else None
