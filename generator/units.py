"""Values with units, as a contract spells them: durations, rates, percentages, versions."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

MILLISECONDS = {"ms": 1, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000, "y": 31_536_000_000}
SECONDS_PER = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@dataclass(frozen=True, slots=True, order=True)
class Duration:
    """A length of time in whole milliseconds; written `1500ms`, `1m30s`, `7d`, `0s` (a year is 365 days)."""

    milliseconds: int

    PATTERN: ClassVar[str] = r"^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d|w|y))+$"
    EXAMPLE: ClassVar[str] = "1500ms, 30s, 5m, 7d"
    WHAT: ClassVar[str] = "a duration"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything that is not a duration in whole milliseconds."""
        if not re.fullmatch(cls.PATTERN, text):
            raise ValueError(text)
        parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w|y)", text)
        total = sum(Decimal(number) * MILLISECONDS[unit] for number, unit in parts)
        if total != int(total) or total > 10**15:
            raise ValueError(text)
        return cls(int(total))

    def __str__(self) -> str:
        """The shortest spelling in one unit, milliseconds to days: `1500ms`, `30s`, `7d`."""
        for unit in ("d", "h", "m", "s"):
            if self.milliseconds and self.milliseconds % MILLISECONDS[unit] == 0:
                return f"{self.milliseconds // MILLISECONDS[unit]}{unit}"
        return f"{self.milliseconds}ms" if self.milliseconds else "0s"

    @property
    def seconds(self) -> float:
        return self.milliseconds / 1000


@dataclass(frozen=True, slots=True)
class Rate:
    """Events per unit of time; written `300/s`, `45/m`, `11000/d`."""

    count: Decimal
    unit: str

    PATTERN: ClassVar[str] = r"^\d+(?:\.\d+)?/(?:s|m|h|d)$"
    EXAMPLE: ClassVar[str] = "300/s, 45/m"
    WHAT: ClassVar[str] = "a rate"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything that is not `<number>/<s|m|h|d>`."""
        if not re.fullmatch(cls.PATTERN, text):
            raise ValueError(text)
        count, unit = text.split("/")
        return cls(Decimal(count), unit)

    def __str__(self) -> str:
        return f"{self.count.normalize():f}/{self.unit}"

    @property
    def per_second(self) -> float:
        return float(self.count) / SECONDS_PER[self.unit]

    @property
    def whole(self) -> tuple[int, Duration]:
        """As many events in as short a time as whole numbers allow: 0.5/s is 5 in 10 s."""
        count, seconds = self.count, SECONDS_PER[self.unit]
        while count != int(count):
            count, seconds = count * 10, seconds * 10
        return int(count), Duration(seconds * 1000)


@dataclass(frozen=True, slots=True, order=True)
class Percentage:
    """A share of a hundred, 0 to 100; written `99.9%`."""

    value: Decimal

    PATTERN: ClassVar[str] = r"^\d+(?:\.\d+)?\s?%$"
    EXAMPLE: ClassVar[str] = "99.9%, 70%"
    WHAT: ClassVar[str] = "a percentage"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything that is not a number from 0 to 100 with a percent sign."""
        if not re.fullmatch(cls.PATTERN, text):
            raise ValueError(text)
        value = Decimal(text.rstrip("%").strip())
        if value > 100:
            raise ValueError(text)
        return cls(value)

    def __str__(self) -> str:
        return f"{self.value:f}%"


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """A semantic version, major.minor.patch (semver.org 2.0.0, without pre-release parts)."""

    major: int
    minor: int
    patch: int

    PATTERN: ClassVar[str] = r"^(?:0|[1-9]\d{0,5})\.(?:0|[1-9]\d{0,5})\.(?:0|[1-9]\d{0,5})$"
    EXAMPLE: ClassVar[str] = '"1.4.0"'
    WHAT: ClassVar[str] = "a version"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything that is not `<major>.<minor>.<patch>`."""
        if not re.fullmatch(cls.PATTERN, text):
            raise ValueError(text)
        return cls(*(int(part) for part in text.split(".")))

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A Kubernetes resource quantity, kept as written: `250m`, `512Mi`, `2`."""

    text: str

    PATTERN: ClassVar[str] = r"^\d+(?:\.\d+)?(?:m|k|M|G|T|Ki|Mi|Gi|Ti)?$"
    EXAMPLE: ClassVar[str] = "250m, 512Mi, 2"
    WHAT: ClassVar[str] = "a resource quantity"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError for anything that is not a Kubernetes quantity."""
        if not re.fullmatch(cls.PATTERN, text):
            raise ValueError(text)
        return cls(text)

    def __str__(self) -> str:
        return self.text

    @property
    def bytes(self) -> int:
        """Of storage and memory: rounded up to a whole number (Kubernetes, resource units)."""
        found = re.fullmatch(r"([\d.]+)(\D*)", self.text)
        assert found is not None, "parse has seen to it"
        return math.ceil(Decimal(found[1]) * FACTORS[found[2]])


FACTORS = {
    "": Decimal(1), "m": Decimal("0.001"), "k": Decimal(10**3), "M": Decimal(10**6), "G": Decimal(10**9), "T": Decimal(10**12),
    "Ki": Decimal(2**10), "Mi": Decimal(2**20), "Gi": Decimal(2**30), "Ti": Decimal(2**40),
}  # fmt: skip
"""What the suffix of a quantity stands for."""


Measure = Duration | Rate | Percentage | Version | Quantity
MEASURES: tuple[type[Duration] | type[Rate] | type[Percentage] | type[Version] | type[Quantity], ...] = (
    Duration,
    Rate,
    Percentage,
    Version,
    Quantity,
)
