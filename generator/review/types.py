"""Data types mean one thing: each schema says what it is, its keywords fit, its bounds can be met, its values can exist."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from generator.diagnostics import Diagnostic, Related
from generator.dialects import BOUNDS
from generator.graph import Graph, references
from generator.model import Property, Schema
from generator.review.patterns import fault
from generator.review.schemas import a, did_you_mean

FITTING: Mapping[str, frozenset[str]] = {
    "object": frozenset({"properties", "required", "additionalProperties", "minProperties", "maxProperties"}),
    "array": frozenset({"items", "minItems", "maxItems", "uniqueItems"}),
    "string": frozenset({"enum", "const", "pattern", "minLength", "maxLength", "format", "contentEncoding"}),
    "integer": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"}),
    "number": frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "format"}),
    "boolean": frozenset(),
}
FITTING_FORMATS: Mapping[str, frozenset[str]] = {
    "string": frozenset({"decimal", "date-time", "date", "time", "duration", "uuid", "email", "uri", "hostname", "ipv4", "ipv6"}),
    "integer": frozenset({"int32", "int64", "uint32", "uint64"}),
    "number": frozenset({"float", "double"}),
}
CONSTRAINTS = frozenset().union(*FITTING.values())
RANGES = (
    ("minLength", "maxLength", "min_length", "max_length"),
    ("minItems", "maxItems", "min_items", "max_items"),
    ("minProperties", "maxProperties", "min_properties", "max_properties"),
    ("minimum", "maximum", "minimum", "maximum"),
)
NUMERIC = (
    ("minimum", "minimum"),
    ("maximum", "maximum"),
    ("exclusiveMinimum", "exclusive_minimum"),
    ("exclusiveMaximum", "exclusive_maximum"),
)
LARGEST = 2.0**1023
INTEGERS = {**BOUNDS, "int64": (-(2**63), 2**63 - 1), "uint64": (0, 2**64 - 1)}


def untyped(_: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`untyped-schema`: a schema has neither `type`, `$ref` nor `oneOf`.

    Anything would be valid, and no language has a type for that.

        types: {Order: {description: What was bought}}

    Fix: say `type`, name another type with `$ref`, or list the members under `oneOf`.
    """
    if schema.type is None and schema.ref is None and not schema.one_of and "oneOf" not in schema.at.keys:
        if "properties" in schema.at.keys or "additionalProperties" in schema.at.keys:
            help = "add type: object"
        elif "items" in schema.at.keys:
            help = "add type: array"
        else:
            help = "add type: string, integer, number, boolean, array or object, or name another type"
        yield Diagnostic("untyped-schema", schema.at.span, "nothing says what type of value this is", help)


def misplaced_keywords(_: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`keyword-mismatch`: a keyword says nothing about values of the schema's type.

    JSON Schema ignores such a keyword, so the rule that its author had in mind holds nowhere.

        total: {type: integer, minLength: 1}

    Fix: take the keyword out, or choose the one that fits the type: numbers have `minimum` and `maximum`, texts `minLength`, `pattern`
    and `enum`, lists `minItems`.
    """
    if schema.ref is not None or (schema.type is None and not schema.one_of):
        return
    fitting = FITTING[schema.type] if schema.type and not schema.one_of else frozenset()
    what = a("union" if schema.one_of else schema.type or "")
    for keyword in schema.at.keys.keys() & (CONSTRAINTS - fitting):
        message = f'"{keyword}" says nothing about {what}'
        yield Diagnostic("keyword-mismatch", schema.at[keyword], message, _where_it_fits(keyword, schema))
    if schema.one_of and schema.type:
        yield Diagnostic(
            "keyword-mismatch", schema.at["type"], '"type" says nothing about a union', "leave it out: the members say what they are"
        )
    if schema.format and schema.type and "format" in fitting and schema.format not in FITTING_FORMATS[schema.type]:
        home = next(each for each, formats in FITTING_FORMATS.items() if schema.format in formats)
        message = f'"{schema.format}" is no format of {what}'
        yield Diagnostic(
            "keyword-mismatch",
            schema.at["format"],
            message,
            f"write type: {home}, or one of {', '.join(sorted(FITTING_FORMATS[schema.type]))}",
        )
    if schema.encoding:
        for keyword in schema.at.keys.keys() & {"enum", "const", "pattern", "format"}:
            message = f'"{keyword}" says nothing about bytes'
            yield Diagnostic("keyword-mismatch", schema.at[keyword], message, "bytes have at most minLength and maxLength")


def _where_it_fits(keyword: str, schema: Schema) -> str:
    if keyword in ("enum", "const") and schema.type in ("integer", "number"):
        return "numbers have minimum and maximum; texts have enum"
    return f"it goes with type: {' or '.join(sorted(each for each, keywords in FITTING.items() if keyword in keywords))}"


def constrained_references(_: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`ref-with-constraints`: a constraint stands beside a `$ref`.

    draft-07 ignores everything beside a `$ref`, 2020-12 does not: the same contract would mean two things.

        email: {$ref: Email, maxLength: 40}

    Fix: put the constraint into the type that is named, or define a type of its own with it.
    """
    if schema.ref is None:
        return
    for keyword in schema.at.keys.keys() & (CONSTRAINTS | {"type", "oneOf", "discriminator"}):
        message = f'"{keyword}" stands beside $ref, where half of the tools ignore it'
        help = "say it in the type itself; title, description, default and deprecated may stand here"
        yield Diagnostic("ref-with-constraints", schema.at[keyword], message, help)


def bare_arrays(_: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`array-without-items`: a list does not say what it is a list of.

    protobuf and every typed language need the type of an entry; without it the list cannot be generated at all.

        lines: {type: array}

    Fix: add `items` with the type of an entry, such as `items: {$ref: Line}`.
    """
    if schema.type == "array" and schema.items is None and "items" not in schema.at.keys:
        yield Diagnostic(
            "array-without-items",
            schema.at["type"],
            "nothing says what the items of this list are",
            "items: {type: string}, or a type's name",
        )


def maps_with_properties(_: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`map-with-properties`: an object has named properties and a type for all others.

    protobuf has messages and maps, and nothing that is both.

        labels: {type: object, properties: {a: {type: string}}, additionalProperties: {type: string}}

    Fix: put the map into a property of its own, or name every property and leave `additionalProperties` out.
    """
    if schema.properties and isinstance(schema.additional, Schema):
        help = "move the map into a property of its own"
        yield Diagnostic(
            "map-with-properties", schema.at["additionalProperties"], "this object is a map and has named properties as well", help
        )


def impossible_bounds(_: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`impossible-bounds`: no value can meet the bounds, or they lie outside of what the format holds.

    Every document is refused, by each validator that reads the schema; or the bound is dropped where a language's number ends before it.

        age: {type: integer, format: int32, minimum: 10, maximum: 1}

    Fix: put the lower bound below the upper one, and both within what the format holds, or choose a wider format; bounds of an integer
    are whole, and `multipleOf` is above zero.
    """
    if not schema.at.keys:
        return
    for least_key, most_key, least_name, most_name in RANGES:
        least, most = getattr(schema, least_name), getattr(schema, most_name)
        if least is not None and most is not None and least > most:
            related = (Related(schema.at[most_key], f'"{most_key}" is {most}'),)
            yield Diagnostic(
                "impossible-bounds",
                schema.at[least_key],
                f'"{least_key}" {least} is more than "{most_key}" {most}',
                "swap them",
                related=related,
            )
    if schema.type in ("integer", "number"):
        yield from _numeric_bounds(schema, schema.type)


def _numeric_bounds(schema: Schema, type: str) -> Iterator[Diagnostic]:
    if _is_empty(schema):
        key = "exclusiveMinimum" if schema.exclusive_minimum is not None else "exclusiveMaximum"
        yield Diagnostic(
            "impossible-bounds", schema.at[key], "no number lies between the bounds", "exclusive bounds leave the bound itself out"
        )
    if schema.multiple_of is not None and schema.multiple_of <= 0:
        yield Diagnostic(
            "impossible-bounds", schema.at["multipleOf"], f'"multipleOf" {schema.multiple_of} is not above zero', "multipleOf: 5"
        )
    least, most = INTEGERS.get(schema.format or "int64", (None, None)) if type == "integer" else (-LARGEST, LARGEST)
    for key, name in NUMERIC:
        bound = getattr(schema, name)
        if bound is None:
            continue
        if type == "integer" and not float_is_whole(bound):
            yield Diagnostic("impossible-bounds", schema.at[key], f'"{key}" {bound} is no whole number', "round it")
        elif (least is not None and bound < least) or (most is not None and bound > most):
            help = None if schema.format else "say format: uint64, or leave the bound out" if type == "integer" else None
            yield Diagnostic(
                "impossible-bounds", schema.at[key], f'"{key}" lies outside of what {schema.format or "a 64-bit number"} holds', help
            )


def float_is_whole(number: int | float) -> bool:
    """Whether it is an integer, in whichever type it was read."""
    return isinstance(number, int) or number.is_integer()


def _is_empty(schema: Schema) -> bool:
    """Whether an exclusive bound leaves nothing over."""
    least, most = schema.exclusive_minimum, schema.exclusive_maximum
    if least is not None and any(bound is not None and least >= bound for bound in (schema.maximum, most)):
        return True
    return most is not None and schema.minimum is not None and schema.minimum >= most


def inexact_steps(_: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`inexact-step`: values must be multiples of a fraction that computers cannot hold exactly.

    0.3 is no multiple of 0.1 in binary, so validators disagree. Halves and quarters are exact; a decimal is a text.

        price: {type: number, multipleOf: 0.01}

    Fix: write `{type: string, format: decimal}` for amounts, an integer of the smallest unit, or leave `multipleOf` out.
    """
    step = schema.multiple_of
    if isinstance(step, float) and Fraction(str(step)) != Fraction(step):
        message = f'"multipleOf" {step} cannot be held exactly, and validators disagree on its multiples'
        yield Diagnostic(
            "inexact-step", schema.at["multipleOf"], message, "use type: string with format: decimal, or count in smaller units: cents"
        )


def empty_enums(_: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`empty-enum`, `keyword-mismatch`: an enum allows nothing, or stands beside a `const`, which says the same in another way.

    No document has a value for it, and no language has an enum without one. Of `const` and `enum` a generator takes one, and which one
    differs. (The same value twice is `duplicate-name`, found while reading.)

        status: {type: string, enum: []}

    Fix: list the texts that are allowed, or leave `enum` out; of `const` and `enum` keep one.
    """
    if not schema.enum and "enum" in schema.at.keys and schema.type == "string":
        yield Diagnostic(
            "empty-enum", schema.at["enum"], "the enum allows no value at all", "list the texts that are allowed, or leave enum out"
        )
    if schema.enum and schema.const is not None:
        yield Diagnostic("keyword-mismatch", schema.at["const"], '"const" and "enum" both say what is allowed', "keep one of them")


def patterns(_: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`invalid-pattern`, `slow-pattern`: a regular expression is none, means different things in different engines, or never ends.

    What one language accepts, another refuses to compile; and `([a-z]+)*$` keeps a server busy for years on forty letters.

        code: {type: string, pattern: "(?<=A)[0-9]+"}

    Fix: keep to what all engines read: classes, groups, alternatives and counts, without look-around, back-references and flags. For a
    slow one, repeat once: `[a-z]+` for `([a-z]+)*`.
    """
    found = fault(schema.pattern) if schema.pattern is not None else None
    if found:
        code = "slow-pattern" if found.is_slow else "invalid-pattern"
        yield Diagnostic(code, schema.at["pattern"], found.message, found.help)


def directions(_: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`neither-read-nor-written`: a property is readOnly and writeOnly, so that nobody ever sees it.

    A client leaves out of its request what is read only, a server out of its answer what is written only: the value never travels.

        secret: {type: string, readOnly: true, writeOnly: true}

    Fix: keep the one that is meant: `readOnly` for what the provider decides, `writeOnly` for what is never shown again.
    """
    if schema.read_only and schema.write_only:
        message = '"readOnly" and "writeOnly" together leave no place for the value'
        yield Diagnostic("neither-read-nor-written", schema.at["writeOnly"], message, "keep one of them")


def properties(graph: Graph, schema: Schema) -> Iterator[Diagnostic]:
    """`unknown-required`, `renamed-from-existing`: `required` or `x-renamed-from` names a property wrongly.

    A misspelt name in `required` refuses every document. A property that is still there was not renamed, and two
    properties cannot both inherit one protobuf number.

        {type: object, required: [orderID], properties: {orderId: {type: string}}}

    Fix: spell `required` as the property is spelt; name in `x-renamed-from` a property that is gone, and each one once.
    """
    if schema.type != "object" or not (schema.required or schema.properties):
        return
    known = {each.name: each for each in schema.properties}
    for name in schema.required:
        if name not in known and name not in graph.system.lost:
            message = f'"required" names "{name}", which is no property here'
            yield Diagnostic("unknown-required", schema.at["required"], message, did_you_mean(name, known))
    former: dict[str, Property] = {}
    for each in schema.properties:
        name = each.schema.renamed_from or ""
        if not name:
            continue
        at = each.schema.at["x-renamed-from"]
        first = known.get(name) or former.get(name)
        if first is not None:
            related = (Related(first.at.span, "still here" if name in known else "renamed from it already"),)
            message = f'"{each.name}" cannot be the renamed "{name}"'
            yield Diagnostic("renamed-from-existing", at, message, "delete x-renamed-from, or the property that it names", related=related)
        former.setdefault(name, each)


def cyclic_types(graph: Graph) -> Iterator[Diagnostic]:
    """`cyclic-type`: a type needs a value of itself, so that no value of it can ever be whole.

    A way out makes a recursive type legal: an optional property, a list or map that may be empty, a union with another member.

        Node: {type: object, required: [next], properties: {next: {$ref: Node}}}

    Fix: take one property of the circle out of `required`, or make it a list.
    """
    endless = _endless(graph)
    seen: set[str] = set()
    for start in sorted(endless):
        cycle = _cycle(graph, start, endless, seen)
        if cycle:
            home = min(cycle)
            place = cycle.index(home)
            path = [*cycle[place:], *cycle[:place], home]
            at = next(
                (each.at["$ref"] for each in _needed(graph.types[home].schema, endless) if each.ref == path[1]), graph.types[home].at.span
            )
            message = f'no value of "{home}" can ever be whole: it needs {" → ".join(path)}'
            yield Diagnostic("cyclic-type", at, message, "take the property out of required, or make it a list")


def _endless(graph: Graph) -> set[str]:
    """The types that have no finite value: whatever of them is needed is itself endless."""
    endless = {name for name, each in graph.types.items() if any(True for _ in _needed(each.schema, graph.types))}
    dependents: dict[str, set[str]] = {}
    for name in endless:
        for needed in references(graph.types[name].schema):
            dependents.setdefault(needed, set()).add(name)
    waiting = [name for name in graph.types if name not in endless]
    while waiting:
        for name in dependents.get(waiting.pop(), ()):
            if name in endless and next(_needed(graph.types[name].schema, endless), None) is None:
                endless.discard(name)
                waiting.append(name)
    return endless


def _needed(schema: Schema, endless: Mapping[str, object] | set[str]) -> Iterator[Schema]:
    """The references to endless types that every value of the schema contains; none, if it has a finite value."""
    if schema.ref is not None:
        if schema.ref in endless:
            yield schema
    elif schema.one_of:
        ways = [list(_needed(each, endless)) for each in schema.one_of]
        if all(ways):
            yield from (each for way in ways for each in way)
    elif schema.type == "array" and schema.items is not None and schema.min_items:
        yield from _needed(schema.items, endless)
    elif schema.type == "object":
        for each in schema.properties:
            if each.name in schema.required:
                yield from _needed(each.schema, endless)
        if isinstance(schema.additional, Schema) and schema.min_properties:
            yield from _needed(schema.additional, endless)


def _cycle(graph: Graph, start: str, endless: set[str], seen: set[str]) -> list[str]:
    """The cycle that following needed references from `start` runs into; nothing, if it has been `seen` before."""
    path: list[str] = []
    following = start
    while following not in seen:
        seen.add(following)
        path.append(following)
        following = min(each.ref or "" for each in _needed(graph.types[following].schema, endless))
    return path[path.index(following) :] if following in path else []


RULES = (cyclic_types,)
SCHEMA_RULES = (
    untyped,
    misplaced_keywords,
    constrained_references,
    bare_arrays,
    maps_with_properties,
    impossible_bounds,
    inexact_steps,
    empty_enums,
    patterns,
    directions,
    properties,
)
