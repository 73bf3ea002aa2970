"""What the clauses of a text say: who goes on being spoken of from one to the next, and what `it` means."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from generator.extract.grammar import ACTING, BE, WRITERS, Clause, Passive, Relation
from generator.extract.mentions import FROM, TO, Mention, Reader, is_hypothetical, mentions, tokens_of, word_of
from generator.extract.rewording import reworded
from generator.extract.vocabulary import BY, NEGATIONS, PASSIVE_OF, PEOPLE, VERB_OF, singular, words_of

LIVES = words_of("live lives reside resides sit sits liegen leben")
NO_DOING = words_of("differs suffers stems results comes works depends this its details costs prices contracts")


def relations(text: str, reader: Reader, last: list[Mention], things: list[Mention]) -> Iterator[tuple[Relation, list[str]]]:
    """What each clause says; what is planned, past or rejected says nothing. `last` is who was spoken of, `things` what, here and in the sentence before."""
    for clause in reworded(text, reader):
        if is_hypothetical(clause):
            continue
        tokens = tokens_of(clause)
        named = mentions(tokens, replace(reader, near=(*(each.entity for each in last if each.entity), *reader.near)))
        found = Clause(tokens, named, reader.subject, list(last), list(things), reader.near).read()
        spoken_of = _spoken_of(found, named, tokens, reader)
        for earlier, relation in itertools.pairwise(found):
            _resume(earlier, relation, tokens)
        is_told = any(PASSIVE_OF.get(word_of(each)) == "publish" for each in tokens)  # `Only then is X published.`
        told_of = [each for each in named if each.kind == "event"] if is_told else _opening_events(named, tokens)
        opened = told_of if not found else []
        things[:] = [_carried(each) for each in opened] or things  # `A and B carry the price.`, and then what happens to both
        before = list(last)
        who = [each for each in spoken_of if each.kind != "store" and (each.entity or each.start or " " in each.text)]
        last[:] = [_carried(each) for each in who] or last
        for relation in found:
            _refer(relation, named, before, things, tokens)
            told = [_carried(each) for each in relation.objects if each.kind == "event"]
            if told or (relation.objects and relation.verb in ("consume", "publish", "receive")):
                things[:] = told
            if not (relation.negated and EXCEPTED & set(map(word_of, tokens))):
                yield relation, tokens


IT = words_of("it them both this that these dies es sie")


def _refer(relation: Relation, named: Sequence[Mention], before: Sequence[Mention], things: Sequence[Mention], tokens: list[str]) -> None:
    """What `it` and `both` after a verb without an object mean: events that were told of, else who was spoken of before."""
    if not relation.objects and relation.verb in ("call", "read", "use"):
        relation.objects = _from_it(relation, named, before, tokens)
    after = [word for word in map(word_of, tokens[relation.start + 1 : relation.start + 3]) if word not in TO]
    if not relation.objects and after and after[0] in IT:
        told = [each for each in named if each.kind == "event" and each.end <= relation.start]
        relation.objects = told[-1:] if after[0] == "it" and told else list(things)
        if word_of(tokens[relation.start]) in MAILS and any(each.kind == "event" for each in relation.objects):
            relation.verb = "consume"  # `X is published: the Mailer mails it`
        if not relation.objects and relation.verb == "call":  # `The Register knows all friends. The Office calls it.`
            relation.objects = [each for each in before if each.text not in [one.text for one in relation.subjects]]
    if relation.verb == "consume" and not relation.objects and things and is_bare(relation, tokens):
        relation.objects = list(things)


MAILS = words_of("mails texts e-mails emails prints")


def _from_it(relation: Relation, named: Sequence[Mention], before: Sequence[Mention], tokens: list[str]) -> list[Mention]:
    """`… are computed by A, and B fetches them from it`."""
    after = [word_of(each) for each in tokens[relation.start + 1 : relation.start + 5]]
    if not any(after[at : at + 2] == ["from", "it"] for at in range(3)):
        return []
    doing = [each.text for each in relation.subjects]
    peers = [
        each
        for each in (*reversed(named), *reversed(before))
        if each.end <= relation.start and each.kind in ("component", "external") and each.text not in doing
    ]
    return [replace(peers[0], start=relation.start + 1, end=relation.start + 1, before="")] if peers else []


EXCEPTED = words_of("except unless sauf excepto salvo ausser ausgenommen")
"""`does not call A except for graphs`: neither that it does nor that it does not."""


def _spoken_of(found: list[Relation], named: list[Mention], tokens: list[str], reader: Reader) -> list[Mention]:
    """Who the next clause goes on about, where it has nobody's name."""
    components = [each for each in named if each.kind == "component" and each.entity]
    homes = [each for relation in found if word_of(tokens[relation.start]) in LIVES for each in relation.objects if each in components]
    if homes:
        return homes[:1]  # `Manuscripts live in the Vault.`
    doing = next((relation.subjects for relation in found if relation.subjects and not isinstance(relation, Passive)), [])
    is_verb = bool(tokens) and (word_of(tokens[0]) in VERB_OF or (reader.subject is not None and bool(ACTING.fullmatch(tokens[0]))))
    opening = named[:1] if named and named[0].start <= 2 and not is_verb and named[0].kind in ("component", "external") else []
    if doing or opening:
        return doing or opening
    alone = [each for each in components if each.before in BY | {""} or each.end >= len(tokens) - 1]
    if len(alone) == 1 and not found and not reader.subject:
        return alone
    if tokens and word_of(tokens[0]) in WRITERS:  # `We build one web app, the Parent App.`
        return [each for each in named[-1:] if each in components and each.end >= len(tokens) - 1 and tokens[each.start - 1] == "the"]
    return (
        components[:1] if _is_of_people(tokens) and len({each.text for each in components}) == 1 else []
    )  # `Drivers pay in the Kerb App.`


def _is_of_people(tokens: list[str]) -> bool:
    """Whether a clause tells what somebody does who is no part of the system: `When a driver starts a session, she …`."""
    opening = [word_of(each) for each in tokens[:4]]
    return any(singular(each) in PEOPLE for each in opening) or opening[:1] in (["she"], ["he"])


def _opening_events(named: list[Mention], tokens: list[str]) -> list[Mention]:
    """The events that a clause opens with."""
    opened: list[Mention] = []
    for each in named:
        if each.kind != "event" or any(
            tokens[at] not in (",", "and", "or", "both") for at in range(opened[-1].end if opened else 0, each.start)
        ):
            break
        opened.append(each)
    return opened


def is_bare(relation: Relation, tokens: list[str]) -> bool:
    """`BD subscribes in order to …`: nothing is said of what, so it is what was spoken of."""
    after = word_of(tokens[relation.start + 1]) if relation.start + 1 < len(tokens) else "."
    return word_of(tokens[relation.start]) in ("subscribes", "subscribe", "listens", "listen") and after in (
        ".",
        "in",
        ",",
        "and",
        "as",
        "too",
    )


def _resume(earlier: Relation, relation: Relation, tokens: list[str]) -> None:
    """`uploads into A and downloads from it, over REST`: `it` is A."""
    after = [word for word in map(word_of, tokens[relation.start + 1 : relation.start + 3]) if word not in TO | FROM]
    peers = [each for each in earlier.objects if each.kind in ("component", "external")]
    if not relation.objects and relation.verb in ("call", "read", "use") and after and after[0] in ("it", "them") and len(peers) == 1:
        relation.objects = [replace(peers[0], start=relation.start + 1, end=relation.start + 1, before="")]


BESIDE_THIRD = words_of("using via through with at against from by ueber mittels bei chez par via con")


def third_parties(text: str, reader: Reader) -> Iterator[Mention]:
    """`Compares names using Bridger`, `a message, delivered with Norfone`: whatever is done there, a third party is asked for it."""
    for clause in reworded(text, reader):
        tokens = tokens_of(clause)
        words = [word_of(each) for each in tokens]
        if is_hypothetical(clause) or set(words) & NEGATIONS or not tokens:
            continue
        is_doing = bool(re.fullmatch(r"[A-Z][a-z]{2,}[^su\W]s", tokens[0])) and words[0] not in BE | NO_DOING
        for mention in mentions(tokens, reader):
            at = next((at for at in range(mention.start - 1, max(mention.start - 4, -1), -1) if words[at] in BESIDE_THIRD), 0)
            is_done = at > 0 and len(words[at - 1]) > 4 and words[at - 1].endswith("ed")
            if mention.kind == "external" and at and mention.before in BESIDE_THIRD and (is_doing or is_done):
                yield mention


def _carried(mention: Mention) -> Mention:
    return Mention(0, 0, mention.text, mention.entity, mention.kind, carried=True)
