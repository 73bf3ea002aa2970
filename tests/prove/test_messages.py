"""Message schemas and AsyncAPI documents say what is on the wire, and their provers refuse each kind of broken one."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath
from types import ModuleType

import pytest
import yaml

from generator.diagnostics import Diagnostic, has_errors
from generator.emit import asyncapi, messages
from generator.graph import Graph
from generator.link import link
from generator.prove import asyncapi_parser, asyncapi_schema, json_schema, redocly
from generator.read import read

SCENARIOS = Path(__file__).parents[1] / "scenarios"
CONTRACT = """
interlock: 1
system: {name: shop, owner: team, id: "https://contracts.example.com/shop", envelope: ENVELOPE, broker: {kind: kafka}}
defaults: {consume: {dead_letter: true, idempotent_by: messageId}}
---
component: warehouse
domain: logistics
types:
  Shelf: {type: string, enum: [low, high]}
  Reserve: {type: object, required: [sku, at], properties: {sku: {type: string}, at: {type: string, format: date-time}, shelf: {$ref: Shelf, description: Where it is.}}}
  Reserved: {type: object, required: [isReserved], properties: {isReserved: {type: boolean}}}
examples:
  cup: {type: Reserve, value: {sku: CUP, at: "2026-03-04T05:06:07Z", shelf: low}}
  in-stock: {type: Reserved, value: {isReserved: true}}
handles:
  ReserveStock: {version: "1.1.0", payload: Reserve, reply: Reserved}
publishes:
  StockReserved: {version: "2.0.3", payload: Reserve, key: sku}
---
component: orders
sends: [{command: warehouse.ReserveStock, timeout: 5s}]
consumes: [{event: warehouse.StockReserved}]
"""
EVENT = PurePosixPath("warehouse/StockReserved.v2.schema.json")
COMMAND = PurePosixPath("warehouse/ReserveStock.v1.schema.json")
REPLY = PurePosixPath("warehouse/ReserveStockReply.v1.schema.json")
DOCUMENT = PurePosixPath("orders.yaml")

SYSTEM_EVENT_MESSAGE = {
    "$schema": "http://json-schema.org/draft-07/schema#",
    "title": "System Event Message",
    "type": "object",
    "properties": {
        "messageId": {"type": "string", "format": "uuid", "description": "Unique message identifier"},
        "eventType": {"type": "string", "description": "Type of event being communicated"},
        "source": {"type": "string", "description": "Source component that generated the event"},
        "timestamp": {"type": "string", "format": "date-time", "description": "When the event occurred"},
        "correlationId": {"type": "string", "description": "Correlation ID for tracking related events"},
        "payload": {"type": "object", "description": "Event-specific data payload"},
        "metadata": {
            "type": "object",
            "properties": {
                "version": {"type": "string", "description": "Message schema version"},
                "priority": {"type": "string", "enum": ["low", "normal", "high", "critical"]},
                "retryCount": {"type": "integer", "minimum": 0},
            },
        },
    },
    "required": ["messageId", "eventType", "source", "timestamp", "payload"],
}
BROKEN_SCHEMAS = {
    "no JSON": ('"type": "object"', '"type": object', "unreadable", "Expecting value"),
    "a type that is none": ('"type": "string"', '"type": "text"', "invalid-schema", "'text' is not valid"),
    "a pattern that is none": ('"format": "uuid"', '"pattern": "("', "invalid-schema", "'(' is not a 'regex'"),
    "a type that is not there": ('"$ref": "#/definitions/Shelf"', '"$ref": "#/definitions/Shelv"', "unresolvable", "Shelv leads nowhere"),
    "an example of another event": ('"eventType": "StockReserved"', '"eventType": "X"', "invalid-example", "'StockReserved' was expected"),
    "an example whose id is none": ('"messageId": "', '"messageId": "x', "invalid-example", "is not a 'uuid'"),
    "an example whose time is none": ('"timestamp": "2026', '"timestamp": "26', "invalid-example", "is not a 'date-time'"),
    "an example without a payload": ('"payload": {\n        "at"', '"load": {\n        "at"', "invalid-example", "'payload' is a required"),
    "a schema of anything": ('"type": "object",\n  "required"', '"required"', "accepts-anything", "the schema accepts null"),
}
BROKEN_DOCUMENTS = {
    "no YAML": ("info:\n", "info: [\n", "unreadable", "did not find expected"),
    "an action that is none": ("action: receive", "action: take", "invalid", "'take' is not one of"),
    "a binding that is none": ("groupId:", "group:", "invalid", "'group' do"),
    "a channel that is not there": (
        "$ref: '#/channels/logistics.reserve-stock.v1'",
        "$ref: '#/channels/x'",
        "unresolvable",
        "#/channels/x",
    ),
    "a type that is not there": ("$ref: '#/components/schemas/Shelf'", "$ref: '#/components/schemas/X'", "unresolvable", "schemas/X"),
    "another file": ("$ref: '#/components/schemas/Shelf'", "$ref: 'types.yaml#/Shelf'", "unresolvable", "types.yaml"),
    "an example of another type": ("sku: CUP", "sku: 5", "invalid-example", "5 is not of type 'string'"),
}


def test_the_envelope_is_the_system_event_message(tmp_path: Path) -> None:
    envelope = emitted(messages, graph(tmp_path))[PurePosixPath("envelope.schema.json")]
    found = json.loads(envelope)
    assert found.pop("$id") == "https://contracts.example.com/shop/schemas/envelope.json"
    del found["$comment"]
    found["required"].sort(key=SYSTEM_EVENT_MESSAGE["required"].index)  # type: ignore[attr-defined]  # it is a list
    assert found == SYSTEM_EVENT_MESSAGE


@pytest.mark.parametrize("envelope", ["system-event", "cloudevents", "none"])
def test_what_is_emitted_is_accepted(envelope: str, tmp_path: Path) -> None:
    built = graph(tmp_path, CONTRACT.replace("ENVELOPE", envelope))
    assert findings(json_schema, tmp_path, emitted(messages, built)) == []
    assert findings(asyncapi_schema, tmp_path, emitted(asyncapi, built)) == []


def test_a_message_says_what_it_is_and_when(tmp_path: Path) -> None:
    files = emitted(messages, graph(tmp_path))
    [example] = json.loads(files[EVENT])["examples"]
    assert (example["eventType"], example["source"], example["timestamp"]) == ("StockReserved", "warehouse", "2026-03-04T05:06:07Z")
    assert example["metadata"] == {"version": "2.0.3", "priority": "normal", "retryCount": 0}
    assert json.loads(files[EVENT])["$id"] == "https://contracts.example.com/shop/schemas/warehouse/StockReserved/v2.json"


def test_a_request_and_its_reply_belong_together(tmp_path: Path) -> None:
    files = emitted(messages, graph(tmp_path))
    request, reply = (json.loads(files[path]) for path in (COMMAND, REPLY))
    assert request["examples"][0]["correlationId"] == reply["examples"][0]["correlationId"]
    assert request["examples"][0]["source"] == "orders"
    assert "correlationId" in request["required"] and "correlationId" in reply["required"]
    assert "const" not in request["properties"]["source"], "anybody may send a command"
    assert "correlationId" not in json.loads(files[EVENT])["required"]


def test_a_reply_is_not_taken_for_an_event_of_its_name(tmp_path: Path) -> None:
    contract = CONTRACT.replace("  StockReserved:", "  ReserveStockReply:").replace(
        "warehouse.StockReserved", "warehouse.ReserveStockReply"
    )
    files = emitted(messages, graph(tmp_path, contract))
    assert {"warehouse/ReserveStockReply.v2.schema.json", "warehouse/ReserveStockReply2.v1.schema.json"} <= {str(path) for path in files}


def test_the_page_and_the_data_name_every_schema(tmp_path: Path) -> None:
    files = emitted(messages, graph(tmp_path))
    facts = json.loads(files[PurePosixPath("catalogue.json")])
    [event], [command] = facts["events"], facts["commands"]
    named = {event["schema"], command["schema"], command["reply"]["schema"]}
    assert named == {str(path) for path in files if len(path.parts) > 1}
    assert all(f"]({path})" in files[PurePosixPath("catalogue.md")] for path in named)


@pytest.mark.parametrize(("before", "after", "code", "words"), BROKEN_SCHEMAS.values(), ids=BROKEN_SCHEMAS)
def test_a_broken_schema_is_refused(before: str, after: str, code: str, words: str, tmp_path: Path) -> None:
    text = emitted(messages, graph(tmp_path))[EVENT]
    assert before in text
    found = findings(json_schema, tmp_path, {EVENT: text.replace(before, after, 1)})
    assert (f"jsonschema/{code}", str(EVENT)) in {(each.code, each.at.file) for each in found}
    assert any(words in each.message for each in found), found


def test_a_schema_that_says_more_than_it_does_is_refused(tmp_path: Path) -> None:
    """In draft-07 what stands beside a `$ref` counts for nothing, at the top as in the payload."""
    schema = json.loads(emitted(messages, graph(tmp_path))[EVENT])
    schema["definitions"]["Name"] = {"type": "string"}
    schema["properties"]["eventType"]["$ref"] = "#/definitions/Name"
    schema["definitions"]["Reserve"]["properties"]["shelf"] = {"$ref": "#/definitions/Name", "enum": ["low"]}
    found = findings(json_schema, tmp_path, {EVENT: json.dumps(schema)})
    assert {each.code for each in found} == {"jsonschema/accepts-broken-example"}
    assert sorted(each.message for each in found) == [
        'the schema accepts its example with another "eventType" (at #/examples/0/eventType)',
        'the schema accepts its example with another "shelf" (at #/examples/0/payload/shelf)',
    ]


@pytest.mark.parametrize(("before", "after", "code", "words"), BROKEN_DOCUMENTS.values(), ids=BROKEN_DOCUMENTS)
def test_a_broken_document_is_refused(before: str, after: str, code: str, words: str, tmp_path: Path) -> None:
    text = emitted(asyncapi, graph(tmp_path))[DOCUMENT]
    assert before in text
    found = findings(asyncapi_schema, tmp_path, {DOCUMENT: text.replace(before, after, 1)})
    assert (f"asyncapi-schema/{code}", str(DOCUMENT)) in {(each.code, each.at.file) for each in found}
    assert any(words in each.message for each in found), found


def test_every_component_of_a_document_is_used(tmp_path: Path) -> None:
    for text in emitted(asyncapi, graph(tmp_path)).values():
        document = yaml.safe_load(text)
        for section, parts in document["components"].items():
            assert [name for name in parts if f"'#/components/{section}/{name}'" not in text] == []
        reached = {each["channel"]["$ref"] for each in document["operations"].values()}
        reached |= {each["reply"]["channel"]["$ref"] for each in document["operations"].values() if "reply" in each}
        assert {f"#/channels/{id}" for id in document["channels"]} == reached


@pytest.mark.parametrize(("broker", "limit"), [("rabbitmq", "x-delivery-limit: 2"), ("nats", "maxDeliver: 3")])
def test_a_broker_gives_up_only_on_what_it_keeps(broker: str, limit: str, tmp_path: Path) -> None:
    contract = CONTRACT.replace("kafka", broker).replace("idempotent_by: messageId", "retry: {attempts: 3}")
    dropped = contract.replace("dead_letter: true", "dead_letter: false")
    assert all(limit in text for text in emitted(asyncapi, graph(tmp_path, contract)).values())
    assert not any(limit.partition(":")[0] in text for text in emitted(asyncapi, graph(tmp_path, dropped)).values())


@pytest.mark.parametrize("prover", [asyncapi_schema, asyncapi_parser, redocly], ids=lambda prover: prover.TOOL)
def test_the_tools_accept_every_scenario(prover: ModuleType, tmp_path: Path) -> None:
    assert prover.available() is not None, "make tools"
    files: dict[PurePosixPath, str] = {}
    for contract in sorted(SCENARIOS.glob("asyncapi/*/contract.yaml")):
        built = graph(tmp_path / contract.parent.name, contract.read_text(encoding="utf-8"))
        files |= {contract.parent.name / path: text for path, text in emitted(asyncapi, built).items()}
    assert len(files) > 10
    assert findings(prover, tmp_path, files) == []


def graph(folder: Path, contract: str = CONTRACT) -> Graph:
    folder.mkdir(exist_ok=True)
    (folder / "contract.yaml").write_text(contract.replace("ENVELOPE", "system-event"), encoding="utf-8")
    system, found = read(folder)
    assert system is not None and not has_errors(found), found
    linked, unresolved = link(system)
    assert not has_errors(unresolved), unresolved
    return linked


def emitted(kind: ModuleType, built: Graph) -> dict[PurePosixPath, str]:
    return {artifact.path: artifact.text for artifact in kind.emit(built)}


def findings(prover: ModuleType, folder: Path, files: dict[PurePosixPath, str]) -> list[Diagnostic]:
    """What the prover says of these texts, written below `folder`."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    return list(prover.prove(folder, list(files)))
