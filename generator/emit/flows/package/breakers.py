"""The module breakers of the provider package, word for word."""

TEXT = r'''"""How a look-up survives failures: attempts, a circuit breaker, and what stands in for an answer."""

import time
from collections.abc import Callable, Mapping
from typing import Any

Answer = dict[str, Any]
Key = tuple[Any, ...]


class Unanswered(Exception):
    """A failure of the way there or of the provider: tried again, and counted by the breaker."""


class Refused(Exception):
    """An answer that says no, such as that there is no such record: asking again would not help."""


class Asking:
    """Asks with the policy of the contract; one for each worker."""

    def __init__(self, ask: Callable[[Key, float], Answer], policy: Mapping[str, Any], fallback: Mapping[str, Any] | None):
        self._ask, self._policy, self._fallback = ask, policy, fallback or {"type": "none"}
        self._failed, self._open_until = 0, 0.0
        self._remembered: dict[Key, tuple[float, Answer]] = {}

    def answer(self, key: Key) -> tuple[Answer, bool]:
        """The answer, or what stands in for it and False; RuntimeError where nothing may."""
        try:
            found = self._tried(key)
        except (Unanswered, Refused) as error:
            return self._instead(key, error), False
        if self._fallback["type"] == "cached_response":
            self._remembered[key] = (time.monotonic(), found)
        return found, True

    def _tried(self, key: Key) -> Answer:
        end = time.monotonic() + self._policy["timeout"]
        last = Unanswered("the circuit breaker is open")
        for attempt in range(self._policy["attempts"]):
            left = end - time.monotonic()
            if left <= 0 or time.monotonic() < self._open_until:
                break
            if attempt:
                time.sleep(min(self._policy["wait"] * 2 ** (attempt - 1), left))
            try:
                found = self._ask(key, max(min(self._policy["per_try"], end - time.monotonic()), 0.001))
            except Unanswered as error:
                last = error
                self._count()
            else:
                self._failed = 0
                return found
        raise last

    def _count(self) -> None:
        self._failed += 1
        failures = self._policy.get("failures")
        if failures and self._failed >= failures:
            self._failed, self._open_until = 0, time.monotonic() + self._policy["open"]

    def _instead(self, key: Key, error: Exception) -> Answer:
        if self._fallback["type"] == "default_response":
            return dict(self._fallback["response"])
        if self._fallback["type"] == "cached_response":
            at, found = self._remembered.get(key, (float("-inf"), {}))
            return found if time.monotonic() - at <= self._fallback.get("ttl", float("inf")) else {}
        raise RuntimeError(f"a look-up has no answer and the contract no fallback: {error}") from error
'''
