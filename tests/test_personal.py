"""Which names stand for protected values: what a classification holds for, and which component handles what."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.diagnostics import has_errors
from generator.graph import Graph
from generator.link import link
from generator.personal import level, personal_fields
from generator.read import read
from generator.reports.text import to_text

HEAD = "interlock: 1\nsystem: {name: shop, owner: team, broker: {kind: kafka}}\n---\n"


def linked(folder: Path, text: str) -> Graph:
    (folder / "contract.yaml").write_text(HEAD + text, encoding="utf-8")
    system, found = read(folder)
    assert system is not None
    graph, more = link(system)
    assert not has_errors([*found, *more]), to_text([*found, *more], lambda _: None)
    return graph


def names(graph: Graph, component: str | None = None) -> dict[str, str]:
    chosen = next((each for each in graph.components if each.name == component), None)
    assert (chosen is None) == (component is None)
    return {name: each.classification for name, each in personal_fields(graph, chosen).items()}


TYPES = """
component: shop
types:
  Mail: {{type: string, format: email, x-classification: personal}}
  Alias: {{$ref: Mail}}
  Place:
    type: object
    required: [kind]
    properties: {{kind: {{type: string, const: Place}}, street: {{type: string}}, country: {{type: string, x-classification: public}}}}
  Hidden:
    type: object
    x-classification: secret
    required: [kind]
    properties: {{kind: {{type: string, const: Hidden}}, code: {{type: string}}}}
  Me: {type}
"""


@pytest.mark.parametrize(
    ("type", "expected"),
    [
        ("{type: object, properties: {mail: {type: string, x-classification: personal}, id: {type: string}}}", {"mail": "personal"}),
        ("{type: object, properties: {mail: {type: string, x-classification: internal}, id: {type: string}}}", {}),
        ("{type: object, properties: {mail: Mail}}", {"mail": "personal"}),
        ("{type: object, properties: {mail: Alias}}", {"mail": "personal"}),
        ("{type: object, properties: {mail: {$ref: Mail, x-classification: secret}}}", {"mail": "secret"}),
        ("{type: object, properties: {mail: {$ref: Mail, x-classification: public}}}", {"mail": "personal"}),
        ("{type: object, properties: {mails: {type: array, items: {type: array, items: Mail}}}}", {"mails": "personal"}),
        ("{type: object, properties: {mails: {type: object, additionalProperties: Mail}}}", {"mails": "personal"}),
        ("{type: object, x-classification: sensitive, properties: {mail: Mail, id: {type: string}}}", {"mail": "personal", "id": "sensitive"}),
        (
            "{type: object, properties: {home: {$ref: Place, x-classification: personal}}}",
            {"home": "personal", "street": "personal"},
        ),
        ("{type: object, properties: {home: Place}}", {}),
        ("{type: object, properties: {one: {oneOf: [Place, Hidden], discriminator: {propertyName: kind}}}}", {"one": "secret", "code": "secret", "kind": "secret"}),
        ("{type: object, properties: {next: Me, mail: Mail}}", {"mail": "personal"}),
        ("{type: object, x-classification: personal, properties: {next: Me}}", {"next": "personal"}),
    ],
)  # fmt: skip
def test_a_classification_holds_for_references_and_for_what_is_held(tmp_path: Path, type: str, expected: dict[str, str]) -> None:
    graph = linked(tmp_path, TYPES.format(type=type))
    of_hidden = {"code": "secret", "kind": "secret"}  # the component's own, whether or not the type refers to it
    assert names(graph, "shop") == of_hidden | expected


SEVERAL = """
component: owner
types:
  Person: {type: object, properties: {surname: {type: string, x-classification: personal}}}
provides:
  people:
    version: "1.0.0"
    http: {}
    operations:
      getPerson: {http: "GET /{ssn}", parameters: {ssn: {type: string, x-classification: sensitive}}, response: Person}
      getCard: {http: GET /card, response: {type: object, properties: {card: {type: string, x-classification: secret}}}}
publishes: {Moved: {version: "1.0.0", payload: {type: object, properties: {street: {type: string, x-classification: personal}}}}}
handles:
  Move:
    version: "1.0.0"
    payload: {type: object, properties: {to: {type: string, x-classification: personal}}}
    reply: {type: object, properties: {until: {type: string, x-classification: personal}}}
stores: {db: {kind: postgresql}}
---
component: caller
uses: [{api: owner.people, operations: [getPerson]}]
---
component: listener
consumes: [{event: owner.Moved}]
---
component: sender
sends: [{command: owner.Move, timeout: 1s}]
---
component: reader
uses_stores: [{store: owner.db, access: read}]
---
component: giver
uses: [{external: post}]
---
component: stranger
---
interlock: 1
externals: {post: {endpoints: {api: {protocol: https, host: post.example.com}}, receives: [recipient]}}
"""


def test_a_component_handles_what_it_shows_calls_receives_reads_and_gives_away(tmp_path: Path) -> None:
    graph = linked(tmp_path, SEVERAL)
    assert {each.name: sorted(names(graph, each.name)) for each in graph.components} == {
        "owner": ["card", "ssn", "street", "surname", "to", "until"],
        "caller": ["ssn", "surname"],
        "listener": ["street"],
        "sender": ["to", "until"],
        "reader": ["surname"],
        "giver": ["recipient"],
        "stranger": [],
    }
    assert names(graph) == {
        "card": "secret", "recipient": "personal", "ssn": "sensitive", "street": "personal", "surname": "personal", "to": "personal", "until": "personal",
    }  # fmt: skip


def test_places_are_those_of_the_contract_and_formats_those_of_the_values(tmp_path: Path) -> None:
    graph = linked(
        tmp_path,
        "component: shop\ntypes: {A: {type: object, properties: {to: {type: array, items: {type: string, format: email, x-classification: personal}}}}}\n",
    )
    [field] = personal_fields(graph).values()
    assert [each.pointer for each in field.places] == ["shop.types.A.properties.to"]
    assert field.formats == {"email"}


@pytest.mark.parametrize("name", ["customerId", "customer_id", "CUSTOMER-ID", "the.customerId", "Größe", "e mail", "!"])
def test_a_name_is_protected_however_it_is_spelt(tmp_path: Path, name: str) -> None:
    text = "{type: object, properties: {customerId: {type: string, x-classification: personal}, größe: {type: integer, x-classification: sensitive}"
    text += ", e-Mail: {type: string, x-classification: secret}, '!': {type: string, x-classification: personal, x-proto-name: bang}}}"
    fields = personal_fields(linked(tmp_path, f"component: shop\ntypes: {{A: {text}}}\n"))
    assert level(fields, name) is not None
    assert [level(fields, each) for each in ("customer", "customerIds", "id", "?", "")] == [None] * 5
