"""Flows can be on time: schedules that come, and thresholds that schedule, overlap and rates of look-ups leave room for."""

from __future__ import annotations

import functools
import math
import zoneinfo
from collections.abc import Iterator

from generator import schedules as cron
from generator.diagnostics import Diagnostic, Related, Severity, Span
from generator.graph import Graph, Lookup, Method, Pipeline
from generator.model import Flow, Runtime
from generator.schedules import Gaps, ScheduleFault
from generator.units import MILLISECONDS, Duration, Rate


def schedules(graph: Graph) -> Iterator[Diagnostic]:
    """`malformed-schedule`, `impossible-schedule`, `unknown-timezone`: a schedule is not five fields of cron, never comes, or is meant
    for a time zone that does not exist.

    Kubernetes refuses the CronJob, or takes it and never starts it.

        flows: {orders: {schedule: "0 4 31 2 *", timezone: Europe/Vienna}}

    Fix: write minute, hour, day of month, month and day of week, for a day that there is, and a time zone of the tz database such as
    Europe/Vienna.
    """
    for at, text, zone_at, zone, is_reported in _schedules(graph):
        if text is not None:
            try:
                never = cron.gaps(cron.parse(text)) is None
            except ScheduleFault as fault:
                if not is_reported:
                    yield Diagnostic("malformed-schedule", at, f'the schedule "{text}" cannot be read: {fault}', _help(text))
            else:
                if never:
                    yield Diagnostic("impossible-schedule", at, f'no day is ever one of "{text}"', "days that the months have: 0 4 28 2 *")
        if zone is not None and not _is_zone(zone):
            message = f'"{zone}" is no time zone'
            yield Diagnostic("unknown-timezone", zone_at, message, "a name of the tz database: Europe/Vienna, Etc/UTC")


def _schedules(graph: Graph) -> Iterator[tuple[Span, str | None, Span, str | None, bool]]:
    """Schedule and time zone with their places; whether another rule says already that a schedule has not five fields."""
    for component in graph.components:
        runtime = component.runtime
        if runtime is not None:
            text = runtime.schedule
            yield runtime.at["schedule"], text, runtime.at["timezone"], runtime.timezone, text is not None and _is_reported(text)
        for flow in component.flows:
            yield flow.at["schedule"], flow.schedule, flow.at["timezone"], flow.timezone, False


def _is_reported(text: str) -> bool:
    """`deployment` looks at the form of a job's schedule; what the values are is looked at here."""
    from generator.review.deployment import CRON

    fields = text.split()
    return len(fields) != 5 or not all(CRON.fullmatch(each) for each in fields)


def _help(text: str) -> str:
    six = len(text.split()) == 6
    return "minute, hour, day of month, month, day of week" + ("; leave out the seconds" if six else "")


@functools.lru_cache(maxsize=1024)
def _is_zone(name: str) -> bool:
    """Where the machine knows no time zones at all, any name is taken."""
    return _known_zone(name) or not _known_zone("Europe/London")


def _known_zone(name: str) -> bool:
    if "/" not in name and name != "UTC":
        return name in ("GMT", "CET", "EET", "MET", "WET", "EST", "MST", "HST")
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def one_schedule(graph: Graph) -> Iterator[Diagnostic]:
    """`several-schedules`: flows of one component are to run at different times, and it is one job.

    A CronJob has one schedule: one of the flows would run at the other's times.

        runtime: {kind: job, schedule: "*/15 * * * *"}
        flows: {orders: {schedule: "0 4 * * *"}}

    Fix: say one schedule, at the `runtime`, or give each flow a component of its own.
    """
    for component in graph.components:
        runtime, first = component.runtime, None
        if runtime is None or runtime.kind != "job":
            continue
        told: list[tuple[str | None, str, Span]] = []
        if runtime.schedule is not None:
            told.append((runtime.schedule, runtime.timezone or "", runtime.at["schedule"]))
        told += [_told(flow, runtime) for flow in sorted(component.flows, key=lambda each: each.at.span)]
        for schedule, zone, at in told:
            first = first or (schedule, zone, at)
            if schedule is not None and (schedule, zone) != first[:2]:
                message = f"{component.name} is one job, and is to run by two schedules"
                related = (Related(first[2], "the first"),)
                yield Diagnostic("several-schedules", at, message, "a component of its own for what runs at another time", related=related)
                break


def _told(flow: Flow, runtime: Runtime) -> tuple[str | None, str, Span]:
    at = flow.at["schedule"] if flow.schedule is not None else flow.at["timezone"]
    return flow.schedule or runtime.schedule, flow.timezone or runtime.timezone or "", at


def _gaps(pipeline: Pipeline) -> Gaps | None:
    """None for what no schedule starts, or one that is reported already."""
    runtime = pipeline.component.runtime
    if pipeline.schedule is None or runtime is None or runtime.kind != "job":
        return None
    try:
        return cron.gaps(cron.parse(pipeline.schedule))
    except ScheduleFault:
        return None


def thresholds(graph: Graph) -> Iterator[Diagnostic]:
    """`impossible-freshness`, `run-longer-than-gap` (warning), `overlap-longer-than-gap` (warning), `zero-interval`, `peak-below-volume`:
    promises that the schedule does not leave room for.

    A change that comes right after a run has begun waits for the next one, and for that to end: freshness is at least the longest gap
    between two runs and the time of a run.

        runtime: {kind: job, schedule: "0 * * * *"}
        flows: {orders: {thresholds: {freshness: 30m}}}

    Fix: promise what the finding works out, or run more often; let `run_time` and `overlap` fit between two runs, give each time more
    than 0s, and let `peak` be at least `volume`.
    """
    for pipeline in graph.pipelines:
        flow = pipeline.flow
        said = flow.thresholds
        for key, time in (("run_time", said.run_time), ("freshness", said.freshness)):
            if time is not None and not time.milliseconds:
                yield Diagnostic("zero-interval", said.at[key], f'the {key.replace("_", " ")} of "{flow.name}" is {time}', "more than that")
        if flow.volume is not None and flow.peak is not None and flow.peak < flow.volume:
            message = f"the largest run has {flow.peak:,} records, and a usual one {flow.volume:,}"
            yield Diagnostic("peak-below-volume", flow.at["peak"], message, f"peak: {flow.volume} or more")
        gaps = _gaps(pipeline)
        if gaps is not None:
            yield from _freshness(pipeline, gaps)
            yield from _run_time(pipeline, gaps)
            yield from _overlap(pipeline, gaps)


def _related(pipeline: Pipeline) -> tuple[Related, ...]:
    runtime = pipeline.component.runtime
    own = pipeline.flow.at.keys.get("schedule")
    at = own or (runtime.at.keys.get("schedule") if runtime is not None else None)
    return (Related(at, "the schedule"),) if at is not None else ()


def _spelt(time: Duration) -> str:
    """In two units where one would be a large number: `1d30m`."""
    for unit in ("d", "h", "m"):
        whole, rest = divmod(time.milliseconds, MILLISECONDS[unit])
        if whole and rest:
            return f"{Duration(whole * MILLISECONDS[unit])}{Duration(rest)}"
        if whole:
            break
    return str(time)


def _freshness(pipeline: Pipeline, gaps: Gaps) -> Iterator[Diagnostic]:
    said = pipeline.flow.thresholds
    if said.freshness is None or not said.freshness.milliseconds:
        return
    run = said.run_time or Duration(0)
    oldest = Duration(gaps.longest.milliseconds + run.milliseconds)
    if oldest > said.freshness:
        sum = f"{gaps.longest} from one run to the next" + (f" + {run} of a run" if run.milliseconds else "")
        message = f"a change is {_spelt(oldest)} old at worst when it arrives ({sum}), and at most {said.freshness} are promised"
        yield Diagnostic(
            "impossible-freshness",
            said.at["freshness"],
            message,
            f"freshness: {_spelt(oldest)}; or run more often",
            related=_related(pipeline),
        )


def _run_time(pipeline: Pipeline, gaps: Gaps) -> Iterator[Diagnostic]:
    said, runtime = pipeline.flow.thresholds, pipeline.component.runtime
    if said.run_time is not None and said.run_time > gaps.shortest and runtime is not None and not runtime.overlap:
        message = f"a run may take {said.run_time}, the next is due after {gaps.shortest}, and runs do not overlap: it is left out"
        help = f"run_time: {gaps.shortest} or less; or run less often"
        yield Diagnostic("run-longer-than-gap", said.at["run_time"], message, help, Severity.WARNING, _related(pipeline))


def _overlap(pipeline: Pipeline, gaps: Gaps) -> Iterator[Diagnostic]:
    for source in pipeline.sources:
        overlap = source.source.overlap
        if source.source.watermark is not None and overlap > gaps.shortest:
            message = f"each run reads the last {overlap} again, and runs are {gaps.shortest} apart: all of the last run is read again"
            help = "the longest transaction that writes there, and the lag of the replica"
            yield Diagnostic("overlap-longer-than-gap", source.at["overlap"], message, help, Severity.WARNING, _related(pipeline))


def rates(graph: Graph) -> Iterator[Diagnostic]:
    """`too-many-look-ups` (warning), `unreachable-rate` (warning): a run asks more often than its component may, or than the provider
    promises to answer.

    Records of the largest run, each asked once for an operation and its key, over the longest time of a run.

        flows: {orders: {peak: 60000, thresholds: {run_time: 1m}, enrichments: {…}}}
        provides: {segments: {quality: {rate: 100/s}}}

    Fix: allow the run the time that the finding works out, read fewer records a run, look them up in a table, or agree on a higher rate.
    """
    for pipeline in graph.pipelines:
        flow = pipeline.flow
        records, run = flow.peak if flow.peak is not None else flow.volume, flow.thresholds.run_time
        if records is None or run is None or not run.milliseconds:
            continue
        at = flow.at["peak" if flow.peak is not None else "volume"]
        for lookup, count in _asked(pipeline):
            needed = records * count / run.seconds
            for code, rate, what, place in _limits(lookup):
                if needed > rate.per_second:
                    times = f" × {count} look-ups" if count > 1 else ""
                    message = f"{records:,} records{times} in {run} are {needed:,.0f}/s, and {what} {rate}"
                    help = (
                        f"run_time: {_spelt(Duration(math.ceil(records * count / rate.per_second) * 1000))} or more; or fewer records a run"
                    )
                    yield Diagnostic(code, at, message, help, Severity.WARNING, (Related(place, "the limit"),))


def _asked(pipeline: Pipeline) -> Iterator[tuple[Lookup, int]]:
    """One look-up of each interface, and how often it is asked for each record: two fields of one answer are asked for once."""
    asked: dict[str, tuple[Lookup, set[tuple[str, ...]]]] = {}
    for lookup in pipeline.lookups:
        if lookup.call is not None and lookup.method is not None and not _is_constant(lookup, lookup.method):
            _, questions = asked.setdefault(lookup.call.target, (lookup, set()))
            questions.add((lookup.method.name, *(f"{each.name}={each.field}" for each in lookup.enrichment.given)))
    for target in sorted(asked):
        lookup, questions = asked[target]
        yield lookup, len(questions)


def _is_constant(lookup: Lookup, method: Method) -> bool:
    """Without a key every record asks the same, which is asked once."""
    return not lookup.enrichment.given and method.name != ""


def _limits(lookup: Lookup) -> Iterator[tuple[str, Rate, str, Span]]:
    call = lookup.call
    if call is None or call.interface is None:
        return
    if call.use.rate is not None:
        yield "too-many-look-ups", call.use.rate, f"{call.consumer.name} makes at most", call.use.at["rate"]
    quality = call.interface.api.quality
    owner = call.interface.owner
    if quality is None or quality.rate is None:
        quality = owner.quality if owner is not None else None
    if quality is not None and quality.rate is not None:
        yield "unreachable-rate", quality.rate, f'"{call.target}" promises', quality.at["rate"]


RULES = (schedules, one_schedule, thresholds, rates)
