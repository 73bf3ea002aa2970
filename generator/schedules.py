"""Five-field schedules of cron: which minutes they name, and the shortest and longest time between two runs."""

from __future__ import annotations

import functools
from calendar import monthrange
from dataclasses import dataclass
from itertools import pairwise

from generator.units import Duration

MINUTE = 60_000
DAY = 24 * 60
FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of month", 1, 31, ()),
    ("month", 1, 12, ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")),
    ("day of week", 0, 6, ("sun", "mon", "tue", "wed", "thu", "fri", "sat")),
)
"""Name, smallest and largest value, and the names of values, of each field, as Kubernetes reads them (robfig/cron v3)."""
FIRST_YEAR, YEARS = 2024, 9
"""Two 29ths of February, so that no gap is longer than what is looked at. Only the calendar counts, not which year it is."""


class ScheduleFault(ValueError):
    """What is wrong with a schedule, in words."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The values of each field."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    is_any_day: bool
    """The day of the month, or the day of the week, is a star: both must fit; otherwise one of the two is enough."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """Time between one run and the next, by the clock on the wall: what daylight saving time shifts is left out."""

    shortest: Duration
    longest: Duration


@functools.lru_cache(maxsize=1024)
def parse(text: str) -> Schedule:
    """Raises ScheduleFault for anything that Kubernetes would refuse."""
    fields = text.split()
    if len(fields) != len(FIELDS):
        raise ScheduleFault(f"{len(fields)} fields, and cron has five")
    minutes, hours, days, months, weekdays = (
        _values(field, least, most, names, what) for field, (what, least, most, names) in zip(fields, FIELDS, strict=True)
    )
    is_any_day = any(each.startswith(("*", "?")) for each in (fields[2], fields[4]))
    return Schedule(tuple(sorted(minutes)), tuple(sorted(hours)), days, months, weekdays, is_any_day)


def _values(field: str, least: int, most: int, names: tuple[str, ...], what: str) -> frozenset[int]:
    found: set[int] = set()
    for part in field.split(","):
        reach, slash, step = part.partition("/")
        first, dash, last = reach.partition("-")
        if reach in ("*", "?"):
            start, end = least, most
        else:
            start = _number(first, least, most, names, what)
            end = _number(last, least, most, names, what) if dash else most if slash else start
        if slash and not (step.isascii() and step.isdigit() and 0 < int(step) <= most + 1):
            raise ScheduleFault(f'"{part}" has no step that a {what} can take')
        if end < start:
            raise ScheduleFault(f'"{part}" ends before it begins')
        found.update(range(start, end + 1, int(step) if slash else 1))
    return frozenset(found)


def _number(text: str, least: int, most: int, names: tuple[str, ...], what: str) -> int:
    if text.lower() in names:
        return names.index(text.lower()) + least
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise ScheduleFault(f'"{text}" is no {what}')
    if not least <= int(text) <= most:
        raise ScheduleFault(f"{text} is no {what}: it is {least} to {most}")
    return int(text)


@functools.lru_cache(maxsize=1024)
def gaps(schedule: Schedule) -> Gaps | None:
    """None for a schedule that never comes: 31 February."""
    days = _days(schedule)
    if not days:
        return None
    times = [hour * 60 + minute for hour in schedule.hours for minute in schedule.minutes]
    within = [later - earlier for earlier, later in pairwise(times)]
    overnight = times[0] - times[-1]
    between = [(later - earlier) * DAY + overnight for earlier, later in pairwise(days)]
    every = (*within, *between)
    return Gaps(Duration(min(every) * MINUTE), Duration(max(every) * MINUTE))


def _days(schedule: Schedule) -> list[int]:
    """Days of the years that are looked at, counted from their first, on which there are runs."""
    found, passed = [], 0
    for year in range(FIRST_YEAR, FIRST_YEAR + YEARS):
        for month in range(1, 13):
            first, length = monthrange(year, month)
            for day in range(1, length + 1) if month in schedule.months else ():
                fits = (day in schedule.days, (first + day) % 7 in schedule.weekdays)  # monthrange counts from Monday, cron from Sunday
                if all(fits) if schedule.is_any_day else any(fits):
                    found.append(passed + day)
            passed += length
    return found
