"""The Spring Boot application that other tests ask: it reads every value, refuses what is wrong, and counts what instances do."""

from __future__ import annotations

from pathlib import Path

import pytest
from spring_boot import Refused, drive, effective

GOOD = """\
resilience4j:
  circuitbreaker:
    instances:
      '[payments.orders.placeOrder]':
        slidingWindowType: COUNT_BASED
        slidingWindowSize: 4
        minimumNumberOfCalls: 4
        failureRateThreshold: 100
        waitDurationInOpenState: 30s
        automaticTransitionFromOpenToHalfOpenEnabled: true
        permittedNumberOfCallsInHalfOpenState: 2
  retry:
    instances:
      '[payments.orders.placeOrder]':
        maxAttempts: 3
        waitDuration: 25ms
        retryExceptions: [java.io.IOException, io.github.resilience4j.circuitbreaker.CallNotPermittedException]
        ignoreExceptions: [io.github.resilience4j.circuitbreaker.CallNotPermittedException]
      '[payments.orders.findOrder]':
        maxAttempts: 1
  timelimiter:
    instances:
      '[payments.orders.placeOrder]':
        timeoutDuration: 1500ms
        cancelRunningFuture: false
  bulkhead:
    instances:
      '[payments.orders.placeOrder]':
        maxConcurrentCalls: 7
        maxWaitDuration: 0ms
  ratelimiter:
    instances:
      '[payments.orders.placeOrder]':
        limitForPeriod: 12
        limitRefreshPeriod: 1m
        timeoutDuration: 250us
"""
MESH = """\
---
spring.config.activate.on-profile: mesh
resilience4j.retry.instances:
  '[payments.orders.placeOrder]': {maxAttempts: 1}
"""
NAME = "payments.orders.placeOrder"
BREAKER = f"resilience4j: {{circuitbreaker: {{instances: {{'[{NAME}]': {{%s}}}}}}}}"
NEVER_OPENS = BREAKER % "slidingWindowSize: 4, minimumNumberOfCalls: 4, failureRateThreshold: 100, ignoreExceptions: [java.io.IOException]"
AVERAGES = BREAKER % "slidingWindowSize: 4, minimumNumberOfCalls: 4, failureRateThreshold: 50"
OPEN = "io.github.resilience4j.circuitbreaker.CallNotPermittedException"

BAD = {
    "misspelt key": (GOOD.replace("maxAttempts: 3", "maxAttempt: 3"), f"retry.instances[{NAME}].maxattempt] were left unbound"),
    "misspelt kind": (
        GOOD.replace("  retry:", "  retries:"),
        "reads [resilience4j.retries.instances[payments.orders.findOrder].maxAttempts",
    ),
    "misspelt root": (GOOD.replace("resilience4j:", "resilience4:"), "reads [resilience4.bulkhead"),
    "misspelt level": (GOOD.replace("instances:", "instance:", 1), "were left unbound"),
    "misspelt condition": (GOOD + MESH.replace("on-profile", "on-profil"), "reads [spring.config.activate.on-profil]"),
    "dots without brackets": (GOOD.replace(f"'[{NAME}]'", NAME), "were left unbound"),
    "impossible number": (
        GOOD.replace("slidingWindowSize: 4", "slidingWindowSize: 0"),
        "slidingWindowSize must be greater than or equal to 1",
    ),
    "impossible rate": (GOOD.replace("Threshold: 100", "Threshold: 101"), "failureRateThreshold must be between 1 and 100"),
    "impossible attempts": (GOOD.replace("maxAttempts: 3", "maxAttempts: 0"), "maxAttempts must be greater than or equal to 1"),
    "no duration": (GOOD.replace("1500ms", "soon"), "'soon' is not a valid duration"),
    "no number": (GOOD.replace("limitForPeriod: 12", "limitForPeriod: many"), 'For input string: "many"'),
    "unknown class": (GOOD.replace("java.io.IOException", "java.io.IOExceptional"), "java.io.IOExceptional"),
    "no YAML": ("resilience4j: [", "expected the node content"),
}


def test_reads_every_value(tmp_path: Path) -> None:
    [found] = effective(written(tmp_path, GOOD))
    breaker = found["circuitbreaker"].pop(NAME)
    assert breaker | READ_BREAKER == breaker
    assert found == {
        "circuitbreaker": {},
        "retry": {
            NAME: {"maxAttempts": 3, "waitDuration": 25, "retryExceptions": [OPEN, "java.io.IOException"], "ignoreExceptions": [OPEN]},
            "payments.orders.findOrder": {"maxAttempts": 1, "waitDuration": 500, "retryExceptions": [], "ignoreExceptions": []},
        },
        "timelimiter": {NAME: {"timeoutDuration": 1500, "cancelRunningFuture": False}},
        "bulkhead": {NAME: {"maxConcurrentCalls": 7, "maxWaitDuration": 0}},
        "ratelimiter": {NAME: {"limitForPeriod": 12, "limitRefreshPeriod": 60_000, "timeoutDuration": 0.25}},
    }


READ_BREAKER = {
    "slidingWindowType": "COUNT_BASED",
    "slidingWindowSize": 4,
    "minimumNumberOfCalls": 4,
    "failureRateThreshold": 100,
    "waitDurationInOpenState": 30_000,
    "automaticTransitionFromOpenToHalfOpenEnabled": True,
    "permittedNumberOfCallsInHalfOpenState": 2,
}


def test_a_profile_applies_only_where_it_is_active(tmp_path: Path) -> None:
    files = written(tmp_path, GOOD + MESH)
    [without] = effective(files)
    [within] = effective(files, profiles=["mesh"])
    assert without["retry"][NAME]["maxAttempts"] == 3
    assert within["retry"][NAME]["maxAttempts"] == 1
    assert within["retry"][NAME]["waitDuration"] == 25


def test_each_file_is_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESILIENCE4J_RETRY_INSTANCES_OTHER_MAXATTEMPTS", "9")
    monkeypatch.setenv("SPRING_PROFILES_ACTIVE", "mesh")
    first, second = effective(written(tmp_path, GOOD + MESH, NEVER_OPENS))
    assert sorted(first["retry"]) == ["payments.orders.findOrder", NAME]
    assert first["retry"][NAME]["maxAttempts"] == 3
    assert second["retry"] == {}


def test_refuses_each_bad_file_in_its_own_words(tmp_path: Path) -> None:
    files = written(tmp_path, GOOD, *(text for text, _ in BAD.values()))
    with pytest.raises(Refused) as refused:
        effective(files)
    said = refused.value.words
    assert sorted(said) == sorted(files[1:])
    for (case, (_, words)), file in zip(BAD.items(), files[1:], strict=True):
        assert words in said[file], f"{case}: {said[file]}"


def test_counts_what_breakers_and_retries_do(tmp_path: Path) -> None:
    good, never, average = drive(written(tmp_path, GOOD, NEVER_OPENS, AVERAGES))
    assert good["circuitbreaker"] == {
        NAME: {"failuresUntilOpen": 4, "failuresUntilOpenAfterSuccess": 4, "isCalledWhenOpen": False, "successesUntilClosed": 2}
    }
    assert good["retry"] == {
        NAME: {"tries": 3, "waits": [25, 25], "triesWhenOpen": 1},
        "payments.orders.findOrder": {"tries": 1, "waits": [], "triesWhenOpen": 1},
    }
    assert never["circuitbreaker"] == {NAME: {"failuresUntilOpen": None}}
    assert average["circuitbreaker"][NAME]["failuresUntilOpenAfterSuccess"] == 0, "open in spite of the success"


def written(folder: Path, *texts: str) -> list[Path]:
    """A file for each text."""
    files = [folder / f"{index}.yaml" for index in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8")
    return files
