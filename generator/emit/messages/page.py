"""The event catalogue as a page: the same facts as its data, in tables for people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from generator.text import markdown_code, markdown_table, markdown_text

OPEN = "not decided"
NONE = "–"
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
        _section("Events", ("Event", "Version", "Channel", "Published by", "When", "Status"), map(_event, events)),
        _section("Promises of events", (*PROMISES, "Replay", "Routed by"), map(_event_promises, events)),
        _section("Subscriptions", ("Event", "Consumer", "Group", "Why", "Reads", "Only", "Starts at"), _consumers(events)),
        _section("Commands", ("Command", "Version", "Queue", "Handled by", "What for", "Reply"), map(_command, commands)),
        _section("Promises of commands", PROMISES, map(_promises, commands)),
        _section("Senders", ("Command", "Sender", "Why", "Reply channel", "Reads", "Waits"), _senders(commands)),
        _section("Failures", ("Message", "Taken by", "Tries", "Then", "A repeated one is known by"), _failures(events, commands)),
        _section("Protected data", ("Message", "Field", "Classification", "Purpose"), _protected(events, commands)),
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


def _section(title: str, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    found = list(rows)
    return f"## {title}\n\n{markdown_table(heads, found)}" if found else ""


def _event(event: Data) -> Sequence[str]:
    publisher = f"{markdown_code(event['publisher'])} ({markdown_text(event['team'])})"
    return (_link(event), event["version"], markdown_code(event["channel"]), publisher, _said(event["summary"]), _status(event))


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
        str(message["partitions"] or NONE),
        message["priority"],
        markdown_code(message["contentType"]),
    )


def _event_promises(event: Data) -> Sequence[str]:
    return (*_promises(event), "yes" if event["replay"] else "no", _codes(event["routedBy"]))


def _consumers(events: Sequence[Data]) -> Iterable[Sequence[str]]:
    for event in events:
        for each in event["consumers"]:
            only = "; ".join(f"{markdown_code(name)}: {_codes(values)}" for name, values in each["only"].items())
            who = (_link(event), markdown_code(each["component"]), markdown_code(each["group"]))
            yield (*who, _said(each["why"]), _codes(each["reads"], "all"), only or NONE, each["start"])
        if not event["consumers"]:
            yield (_link(event), "nobody", *[NONE] * 5)


def _command(command: Data) -> Sequence[str]:
    handler = f"{markdown_code(command['handler']['component'])} ({markdown_text(command['handler']['team'])})"
    reply = _link(command["reply"]) if command["reply"] else NONE
    return (_link(command), command["version"], markdown_code(command["channel"]), handler, _said(command["summary"]), reply)


def _senders(commands: Sequence[Data]) -> Iterable[Sequence[str]]:
    for command in commands:
        for each in command["senders"]:
            reads = _codes(each["reads"], "all") if command["reply"] else NONE
            who = (_link(command), markdown_code(each["component"]), _said(each["why"]))
            yield (*who, _code(each["replyChannel"]), reads, each["timeout"] or (OPEN if command["reply"] else NONE))
        if not command["senders"]:
            yield (_link(command), "nobody", *[NONE] * 4)


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
            yield (_link(message), markdown_code(each["field"]), each["classification"], _said(each["purpose"]))


def _link(message: Data) -> str:
    return f"[{markdown_text(message['id'])}]({message['schema']})"


def _said(text: str | None) -> str:
    return markdown_text(text) if text else NONE


def _code(text: str | None, absent: str = NONE) -> str:
    return markdown_code(text) if text else absent


def _codes(texts: Sequence[str], absent: str = NONE) -> str:
    return ", ".join(map(markdown_code, texts)) if texts else absent
