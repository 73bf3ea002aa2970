"""The event catalogue as a page: the same facts as its data, in tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from generator.text import ABSENT, markdown_cell, markdown_code, markdown_codes, markdown_section, markdown_text

OPEN = "not decided"
ENVELOPES = {
    "system-event": "Every message is a System Event Message ([schema](envelope.schema.json)) around the payload that its own schema shows.",
    "cloudevents": "Every message is a CloudEvent 1.0 in structured mode ([schema](envelope.schema.json)); its own schema shows the data.",
    "none": "A message is its payload; what belongs together has one correlation id in a header.",
}
Data = dict[str, Any]


def page(facts: Data, header: str) -> str:
    """Every fact of the catalogue, in Markdown."""
    events, commands = facts["events"], facts["commands"]
    sections = [
        f"# Messages of {markdown_text(facts['title'])}\n\n{ENVELOPES[facts['envelope']]}{_others(events)}{_rows(events)}\n",
        markdown_section("Events", ("Event", "Version", "Channel", "Published by", "When", "Status"), map(_event, events)),
        markdown_section("Promises of events", (*PROMISES, "Replay", "Routed by"), map(_event_promises, events)),
        markdown_section("Subscriptions", ("Event", "Consumer", "Group", "Why", "Reads", "Only", "Starts at"), _consumers(events)),
        markdown_section("Commands", ("Command", "Version", "Queue", "Handled by", "What for", "Reply"), map(_command, commands)),
        markdown_section("Promises of commands", PROMISES, map(_promises, commands)),
        markdown_section("Senders", ("Command", "Sender", "Why", "Reply channel", "Reads", "Waits"), _senders(commands)),
        markdown_section("Failures", ("Message", "Taken by", "Tries", "Then", "A repeated one is known by"), _failures(events, commands)),
        markdown_section("Protected data", ("Message", "Field", "Classification", "Purpose"), _protected(events, commands)),
    ]
    return f"<!-- {header} -->\n" + "\n".join(section for section in sections if section)


def _others(events: Sequence[Data]) -> str:
    """Events that are wrapped in another way than the rest."""
    found = [f"{_link(each)} ({OTHERWISE[each['envelope']]})" for each in events if "envelope" in each]
    return f" Other than that: {', '.join(found)}." if found else ""


def _rows(events: Sequence[Data]) -> str:
    """Events that are rows of a table."""
    found = [_link(each) for each in events if each.get("tombstones")]
    return f" A message without a value, under the key of a row that is gone, may come of {', '.join(found)}." if found else ""


OTHERWISE = {"system-event": "a System Event Message", "cloudevents": "a CloudEvent 1.0", "none": "its payload alone"}
PROMISES = ("Message", "Key", "Order", "Delivery", "Kept for", "Partitions", "Priority", "Content")


def _event(event: Data) -> Sequence[str]:
    publisher = f"{markdown_code(event['publisher'])} ({markdown_text(event['team'])})"
    return (_link(event), event["version"], markdown_code(event["channel"]), publisher, markdown_cell(event["summary"]), _status(event))


def _status(event: Data) -> str:
    if not event["deprecated"]:
        return "active" if event["sunset"] is None else f"until {event['sunset']}"
    return "deprecated" if event["sunset"] is None else f"deprecated, until {event['sunset']}"


def _promises(message: Data) -> Sequence[str]:
    return (
        _link(message),
        _code(message["key"]),
        markdown_text(message["ordering"]),
        message["delivery"],
        "for ever, the newest of each key" if message.get("compacted") else message["retention"] or OPEN,
        str(message["partitions"] or ABSENT),
        message["priority"],
        markdown_code(message["contentType"]),
    )


def _event_promises(event: Data) -> Sequence[str]:
    return (*_promises(event), "yes" if event["replay"] else "no", markdown_codes(event["routedBy"]))


def _consumers(events: Sequence[Data]) -> Iterable[Sequence[str]]:
    for event in events:
        for each in event["consumers"]:
            only = "; ".join(f"{markdown_code(name)}: {markdown_codes(values)}" for name, values in each["only"].items())
            who = (_link(event), markdown_code(each["component"]), markdown_code(each["group"]))
            yield (*who, markdown_cell(each["why"]), markdown_codes(each["reads"], "all"), only or ABSENT, each["start"])
        if not event["consumers"]:
            yield (_link(event), "nobody", *[ABSENT] * 5)


def _command(command: Data) -> Sequence[str]:
    handler = f"{markdown_code(command['handler']['component'])} ({markdown_text(command['handler']['team'])})"
    reply = _link(command["reply"]) if command["reply"] else ABSENT
    return (_link(command), command["version"], markdown_code(command["channel"]), handler, markdown_cell(command["summary"]), reply)


def _senders(commands: Sequence[Data]) -> Iterable[Sequence[str]]:
    for command in commands:
        for each in command["senders"]:
            reads = markdown_codes(each["reads"], "all") if command["reply"] else ABSENT
            who = (_link(command), markdown_code(each["component"]), markdown_cell(each["why"]))
            yield (*who, _code(each["replyChannel"]), reads, each["timeout"] or (OPEN if command["reply"] else ABSENT))
        if not command["senders"]:
            yield (_link(command), "nobody", *[ABSENT] * 4)


def _failures(events: Sequence[Data], commands: Sequence[Data]) -> Iterable[Sequence[str]]:
    taking = [(event, each) for event in events for each in event["consumers"]]
    taking += [(command, command["handler"]) for command in commands]
    for message, each in taking:
        dead_letter = f"dead letter on {markdown_code(each['deadLetter'])}" if each["deadLetter"] else OPEN
        taker = f"{markdown_code(each['component'])} ({markdown_code(each['group'])})"
        yield (_link(message), taker, _tries(each["retry"]), dead_letter, _code(each["idempotentBy"], OPEN))


def _tries(retry: Data | None) -> str:
    if retry is None:
        return OPEN
    if retry["attempts"] == 1:
        return "1"
    longest = f", at most {retry['maximum']}" if retry["maximum"] else ""
    return f"{retry['attempts']}; waits {retry['initial']}, then × {retry['multiplier']}{longest}"


def _protected(events: Sequence[Data], commands: Sequence[Data]) -> Iterable[Sequence[str]]:
    for message in (*events, *commands, *(command["reply"] for command in commands if command["reply"])):
        for each in message["protectedFields"]:
            yield (_link(message), markdown_code(each["field"]), each["classification"], markdown_cell(each["purpose"]))


def _link(message: Data) -> str:
    return f"[{markdown_text(message['id'])}]({message['schema']})"


def _code(text: str | None, absent: str = ABSENT) -> str:
    return markdown_code(text) if text else absent
