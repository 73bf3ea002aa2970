"""Data types, their examples, and named errors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from generator.diagnostics import At
from generator.model.marks import COUNT, TYPE_REFERENCE, WORD, Identifier, Json, Named, Range, Reference, Unordered, doc, located


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A value of a discriminator and the type it stands for."""

    name: str = doc("Value of the property.")
    type: str = doc("Type name.", key="*")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Discriminator:
    """Which property tells the members of a oneOf apart."""

    property: str = doc("Property whose value names the member.", key="propertyName")
    mapping: Annotated[tuple[Member, ...], Named()] = doc("Value of the property to type name; by default each type's own name.", ())
    at: At = located()


FORMATS = Literal[
    "int32", "int64", "uint32", "uint64", "float", "double", "decimal",
    "date-time", "date", "time", "duration", "uuid", "email", "uri", "hostname", "ipv4", "ipv6",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """A data type: the part of JSON Schema that means the same in draft-07, 2020-12 and OpenAPI 3."""

    type: Literal["object", "array", "string", "integer", "number", "boolean"] | None = doc("JSON type.", None)
    ref: Annotated[str, TYPE_REFERENCE] | None = doc("Another type: its name, or component.Name.", None, key="$ref")
    title: str | None = doc("Short title.", None)
    description: str | None = doc("What the value means.", None)
    format: FORMATS | None = doc("What the text or number stands for.", None)
    encoding: Literal["base64"] | None = doc("Bytes, written as base64.", None, key="contentEncoding")
    enum: Annotated[tuple[str, ...], Unordered()] = doc("The texts that are allowed.", ())
    const: str | None = doc("The one text that is allowed.", None)
    pattern: str | None = doc("Regular expression (ECMA 262) that the text matches.", None)
    min_length: Annotated[int, COUNT] | None = doc("Fewest characters.", None, key="minLength")
    max_length: Annotated[int, COUNT] | None = doc("Most characters.", None, key="maxLength")
    minimum: int | float | None = doc("Smallest value.", None)
    maximum: int | float | None = doc("Largest value.", None)
    exclusive_minimum: int | float | None = doc("The value is larger than this.", None, key="exclusiveMinimum")
    exclusive_maximum: int | float | None = doc("The value is smaller than this.", None, key="exclusiveMaximum")
    multiple_of: int | float | None = doc("The value is a multiple of this.", None, key="multipleOf")
    items: Schema | None = doc("Type of each item.", None)
    min_items: Annotated[int, COUNT] | None = doc("Fewest items.", None, key="minItems")
    max_items: Annotated[int, COUNT] | None = doc("Most items.", None, key="maxItems")
    unique_items: bool = doc("No item appears twice.", False, key="uniqueItems")
    properties: Annotated[tuple[Property, ...], Named()] = doc("The properties of an object.", ())
    required: Annotated[tuple[str, ...], Unordered()] = doc("Properties that are always there.", ())
    additional: bool | Schema | None = doc("false: no other properties; a type: a map of that type.", None, key="additionalProperties")
    min_properties: Annotated[int, COUNT] | None = doc("Fewest entries of a map.", None, key="minProperties")
    max_properties: Annotated[int, COUNT] | None = doc("Most entries of a map.", None, key="maxProperties")
    one_of: tuple[Schema, ...] = doc("Exactly one of these object types, told apart by the discriminator.", (), key="oneOf")
    discriminator: Discriminator | None = doc("Tells the members of oneOf apart.", None)
    default: Json = doc("What an absent value means.", None)
    deprecated: bool = doc("Still there, no longer to be used.", False)
    read_only: bool = doc("Only in answers.", False, key="readOnly")
    write_only: bool = doc("Only in requests.", False, key="writeOnly")
    classification: Literal["public", "internal", "personal", "sensitive", "secret"] | None = doc(
        "How the value must be protected.", None, key="x-classification"
    )
    purpose: str | None = doc("Why a personal value is processed.", None, key="x-purpose")
    proto_name: Identifier | None = doc(
        "Field, message or enum name in protobuf, where it is already in the wild.", None, key="x-proto-name"
    )
    proto_number: Annotated[int, Range(1, 536870911)] | None = doc(
        "Field number in protobuf, where it is already in the wild.", None, key="x-proto-number"
    )
    renamed_from: str | None = doc("The property's former name: it keeps its protobuf field number.", None, key="x-renamed-from")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """A property of an object: its wire name and its type."""

    name: str = doc("Wire name.")
    schema: Schema = doc("Its type.", key="*")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Type:
    """A named data type of a component or of the system."""

    name: Identifier = doc("Type name.")
    schema: Schema = doc("The type.", key="*")
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A named example of a type; every artifact that shows the type shows this value."""

    name: Annotated[str, WORD] = doc("Example name.")
    type: Reference = doc("The type it is an example of.")
    value: Json = doc("The value.")
    summary: str | None = doc("What the example shows.", None)
    at: At = located()


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorType:
    """A named error of an operation: one HTTP status, one gRPC code, one problem type (RFC 9457)."""

    name: Identifier = doc("Error name.")
    status: Annotated[int, Range(400, 599)] = doc("HTTP status, 400 to 599.")
    grpc: Literal[
        "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED",
        "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ] | None = doc("gRPC status code; by default the one that matches the HTTP status.", None)  # fmt: skip
    title: str | None = doc("Short summary, the same for every occurrence.", None)
    description: str | None = doc("When it happens and what the caller can do.", None)
    at: At = located()
