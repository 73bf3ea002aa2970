"""What is audited is recorded once, by somebody known, and kept as long as somebody decided; and the audit log has its logger to itself."""

from __future__ import annotations

from collections.abc import Iterator

from generator import auditing, names
from generator.auditing import AuditEntry
from generator.diagnostics import Diagnostic, Related, Severity
from generator.graph import Graph

FEW = 3
RESERVED = {"root": "the one that all others are below", auditing.LOGGER: "the audit log's, with a sink of its own"}


def audited_twice(graph: Graph) -> Iterator[Diagnostic]:
    """`duplicate-audit-event`: two audit events of a component are one, so that the log has two records of one act, or one that is unclear.

    Each call of an operation with `audit: true` is an event already, and needs no other that says the same.

        provides: {users: {operations: {eraseUser: {http: DELETE /me, audit: true}}, …}}
        audits: {EraseUser: {summary: A user was erased.}}

    Fix: leave the event out of `audits`, name what else happened, such as EraseUserCompleted, or rename one of two operations or
    interfaces.
    """
    taken: dict[tuple[str, str], AuditEntry] = {}
    for entry in sorted(auditing.audit_entries(graph), key=lambda each: (each.method is None, each.at.span)):
        # An operation is another one in another interface, but not what is declared with its name.
        own = entry.event.rpartition(".")[2]
        clash = taken.get((entry.component.name, names.snake(own) if entry.method is None else entry.event))
        if clash is not None and entry.method is None:
            message = f'the audit event "{entry.event}" of {entry.component.name} is "{clash.event}" already'
            help = f"leave it out, or name what else happened: {names.pascal(own)}Completed"
            related = (Related(clash.at.span, "each call of this is an audit event"),)
            yield Diagnostic("duplicate-audit-event", entry.at.span, message, help, related=related)
        elif clash is not None:
            message = f'{entry.component.name} has two audit events "{entry.event}": two of its interfaces have one name'
            related = (Related(clash.at["audit"], "the other one"),)
            yield Diagnostic("duplicate-audit-event", entry.at["audit"], message, "rename an interface or operation", related=related)
        taken.setdefault((entry.component.name, entry.event), entry)
        taken.setdefault((entry.component.name, names.snake(own)), entry)


def audit_retention(graph: Graph) -> Iterator[Diagnostic]:
    """`audit-without-retention` (warning): nothing says how long audit records are kept.

    Too short and the proof is gone, too long and it is itself a risk: law and contracts say, and no default can know.

        audits: {RefundIssued: {summary: Money was given back.}}

    Fix: say `observability: {audit: {retention: 400d}}`, or `retention` at the event.
    """
    open_ended = sorted({(each.at.span, each.event) for each in auditing.audit_entries(graph) if each.retention is None})
    if open_ended:
        named = ", ".join(f'"{event}"' for _, event in open_ended[:FEW])
        more = f" and {len(open_ended) - FEW} more audit events" if len(open_ended) > FEW else ""
        message = f"nothing says how long records of {named}{more} are kept"
        help = "observability: {audit: {retention: 400d}}"
        yield Diagnostic("audit-without-retention", open_ended[0][0], message, help, Severity.WARNING)


def audit_identity(graph: Graph) -> Iterator[Diagnostic]:
    """`audit-without-identity` (warning): an audited operation lets everybody in, so that its records cannot say who it was.

    What an audit log is for, who did it, is then the one thing that it does not know.

        operations: {eraseUser: {http: DELETE /me, auth: none, audit: true}}

    Fix: say `auth` and one of the system's authentication schemes, or leave `audit` out.
    """
    for interface in graph.interfaces:
        for method in interface.methods:
            if method.operation.audit and method.scheme is None:
                message = f'each call of "{interface.api.name}.{method.name}" is an audit event, and nothing tells who makes it'
                help = "auth: and one of the system's authentication schemes"
                yield Diagnostic("audit-without-identity", method.at["audit"], message, help, Severity.WARNING)


def loggers(graph: Graph) -> Iterator[Diagnostic]:
    """`reserved-logger`: a logger has the name of the root logger or of the audit log, or is below that.

    A level there would be one of all loggers, or switch audit records off.

        logging: {loggers: {audit: ERROR}}

    Fix: rename the logger; the level of all loggers is `logging: {level: INFO}`.
    """
    for component in graph.components:
        for logger in component.logging.loggers if component.logging else ():
            first = logger.name.partition(".")[0].lower()
            if first == auditing.LOGGER or logger.name.lower() in RESERVED:
                message = f'the logger "{logger.name}" of {component.name} is {RESERVED[first]}'
                help = "logging: {level: …} is that of all loggers" if first == "root" else "rename it"
                yield Diagnostic("reserved-logger", logger.at.span, message, help)


RULES = (audited_twice, audit_retention, audit_identity, loggers)
