"""A review grows with the system and no faster: many components, each calling and listening to a few others."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import Any

from generator import yaml_writer
from generator.link import link
from generator.read import read
from generator.review import review

SMALL, LARGE = 100, 800


def landscape(number: int) -> list[dict[str, Any]]:
    draw = random.Random(5)
    defaults = {"call": {"timeout": "2s", "retry": {"attempts": 1}, "breaker": {"failures": 5, "open": "30s"}}}
    found: list[dict[str, Any]] = [
        {"interlock": 1, "system": {"name": "large", "owner": "crew", "broker": {"kind": "kafka"}}, "defaults": defaults},
    ]
    thing = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string"}, "name": {"type": "string", "x-classification": "personal"}},
    }
    for index in range(number):
        operations = {f"get{name}": {"http": f"GET /{name}/{{id}}", "response": "Thing"} for name in ("Part", "Whole")}
        quality = {"availability": "99.9%", "latency": {"p99": "300ms"}, "rate": "50/s"}
        later = range(index + 1, min(number, index + 60))
        called = sorted(draw.sample(later, min(3, len(later))))
        found.append(
            {
                "component": f"c{index}",
                "types": {"Thing": thing},
                "provides": {"api": {"version": "1.0.0", "http": {"base": f"/c{index}"}, "quality": quality, "operations": operations}},
                "publishes": {"Done": {"version": "1.0.0", "payload": "Thing", "key": "id", "partitions": 6}},
                "uses": [{"api": f"c{other}.api", "why": "it is needed"} for other in called],
                "consumes": [{"event": f"c{other}.Done"} for other in called],
            }
        )
    return found


def seconds(folder: Path, number: int) -> float:
    """Of processor time that the review of such a system takes."""
    folder.mkdir()
    (folder / "contract.yaml").write_text("---\n".join(yaml_writer.dump(each) for each in landscape(number)), encoding="utf-8")
    system, found = read(folder)
    assert system is not None and found == []
    graph, unresolved = link(system)
    assert unresolved == []
    begun = time.process_time()
    assert review(graph, "2026-11-26")
    return time.process_time() - begun


def test_time_grows_with_the_system(tmp_path: Path) -> None:
    small = min(seconds(tmp_path / f"small-{index}", SMALL) for index in range(2))
    assert seconds(tmp_path / "large", LARGE) < 2.5 * small * LARGE / SMALL
