"""openapi-spec-validator: OpenAPI documents that follow the specification, their schemas included."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, Literal

import yaml

from generator import tools
from generator.diagnostics import Diagnostic, Span

TOOL = "openapi-spec-validator"
PROVES = "each file is a valid OpenAPI 3.1 document"
GET = "comes with interlock"
SCOPE: Literal["file", "kind"] = "file"

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
LONGEST_MESSAGE = 400


def available() -> str | None:
    return tools.version(TOOL)


def prove(folder: Path, files: Sequence[PurePosixPath]) -> Iterator[Diagnostic]:
    """Everything that the validator has against each document."""
    validator = _validator()
    for file in files:
        text = (folder / file).read_text(encoding="utf-8")
        document = load(text, file, f"{TOOL}/unreadable")
        if isinstance(document, Diagnostic):
            yield document
        else:
            yield from _refusals(validator, document, text, file)


def _refusals(validator: Any, document: dict[str, Any], text: str, file: PurePosixPath) -> Iterator[Diagnostic]:
    from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
    from openapi_spec_validator.versions.exceptions import OpenAPIVersionNotFound
    from openapi_spec_validator.versions.shortcuts import get_spec_version
    from referencing.exceptions import Unresolvable

    try:
        version = get_spec_version(document)
    except OpenAPIVersionNotFound:
        yield Diagnostic(f"{TOOL}/no-version", place(text, file, ["openapi"]), "the document does not say which OpenAPI it is")
        return
    if version.minor != "1":
        message = f"the document is OpenAPI {version.major}.{version.minor}, not 3.1"
        yield Diagnostic(f"{TOOL}/other-version", place(text, file, ["openapi"]), message)
        return
    errors: Iterator[OpenAPIValidationError] = validator(document).iter_errors()
    is_refused = False
    try:
        for error in errors:
            is_refused = True
            yield refusal(f"{TOOL}/invalid", error.message, text, file, list(error.absolute_path))
    except Unresolvable as error:
        line = text.count("\n", 0, max(0, text.find(f"#{error.ref}"))) + 1
        yield Diagnostic(f"{TOOL}/unresolvable", Span(str(file), line), first_line(str(error)))
    except (LookupError, TypeError, AttributeError, ValueError) as error:
        if not is_refused:  # else it stumbles, walking on, over what it has reported
            yield refusal(f"{TOOL}/invalid", f"{type(error).__name__}: {error}", text, file, [])


@functools.cache
def _validator() -> Any:
    """The validator, asked so that a thousand operations take a fourth of the time (2.9 s before, 0.7 s now).

    It checks each schema against the meta-schema with the slower of its two engines, and remembers schemas it has seen
    in lists. Here its quick engine may say that a schema is good, and what it does not like, the slow one judges.
    """
    from openapi_spec_validator import OpenAPIV31SpecValidator
    from openapi_spec_validator.validation.keywords import OpenAPIV31SchemaValidator

    is_good = _quick_engine()

    class Seen(set[int]):
        append = set.add

    class SchemaValidator(OpenAPIV31SchemaValidator):
        def __init__(self, registry: Any) -> None:
            super().__init__(registry)
            self.visited_schema_ids = Seen()  # type: ignore[assignment]  # the list's append and `in` are all that is used
            self.meta_checked_schema_ids = Seen()  # type: ignore[assignment]  # likewise

        def _validate_schema_meta(self, schema: Any, schema_value: Any) -> Any:
            if isinstance(schema_value, dict) and "$schema" not in schema_value and is_good(schema_value):
                return None
            error = super()._validate_schema_meta(schema, schema_value)
            if error is not None:
                error.path.extendleft(reversed(schema.parts))  # the tool says where in the schema, and not where the schema is
            return error

    keywords = {**OpenAPIV31SpecValidator.keyword_validators, "schema": SchemaValidator}
    return type("Validator", (OpenAPIV31SpecValidator,), {"keyword_validators": keywords})


def _quick_engine() -> Callable[[Any], bool]:
    """Whether a schema follows the meta-schema of OpenAPI 3.1, by jsonschema-rs; without it nothing is good at once."""
    try:
        import jsonschema_rs
        from openapi_schema_validator import OAS31Validator
        from openapi_schema_validator._specifications import REGISTRY

        meta = jsonschema_rs.validator_for(OAS31Validator.META_SCHEMA, retriever=REGISTRY.contents, validate_formats=True)
    except (ImportError, AttributeError):
        return lambda schema: False
    return meta.is_valid


# --- what both provers of OpenAPI documents need -----------------------------------------------------------------------


def load(text: str, file: PurePosixPath, code: str) -> dict[str, Any] | Diagnostic:
    """The document, or why it is none."""
    try:
        document = yaml.load(text, Loader=LOADER)  # noqa: S506  # one of the two safe loaders
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        at = Span(str(file), mark.line + 1, mark.column + 1) if mark else Span(str(file))
        return Diagnostic(code, at, f"{error.problem or error.context}")
    except yaml.YAMLError as error:
        return Diagnostic(code, Span(str(file)), first_line(str(error)))
    return document if isinstance(document, dict) else Diagnostic(code, Span(str(file)), "the document is not a mapping")


def refusal(code: str, message: str, text: str, file: PurePosixPath, path: Sequence[str | int]) -> Diagnostic:
    """The tool's words without the parts of the document that it quotes, and the place that they are about."""
    words = first_line(message)
    where = "/".join(str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return Diagnostic(code, place(text, file, path), f"{words} (at #/{where})" if path else words)


def first_line(message: str) -> str:
    words = message.partition("\n")[0].partition(" within {")[0]
    return words if len(words) <= LONGEST_MESSAGE else f"{words[:LONGEST_MESSAGE]}…"


def place(text: str, file: PurePosixPath, path: Iterable[str | int]) -> Span:
    """The line of a place in a document, references followed, or of the deepest part of its path that is there."""
    root = _tree(text)
    at, value = (root.start_mark, root) if root else (None, None)
    for part in path:
        found = _child(value, part) or _child(_target(root, value), part)
        if found is None:
            break
        at, value = found
    return Span(str(file), at.line + 1, at.column + 1) if at else Span(str(file))


def _child(node: yaml.Node | None, part: str | int) -> tuple[Any, yaml.Node] | None:
    """Where a part of the node starts, and the part."""
    if isinstance(node, yaml.MappingNode):
        return next(((key.start_mark, value) for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark, node.value[part]
    return None


def _target(root: yaml.Node | None, node: yaml.Node | None) -> yaml.Node | None:
    """What the node's `$ref` names."""
    reference = _child(node, "$ref")
    if reference is None or not str(reference[1].value).startswith("#/"):
        return None
    target = root
    for part in str(reference[1].value)[2:].split("/"):
        found = _child(target, part.replace("~1", "/").replace("~0", "~"))
        target = found[1] if found else None
    return target


@functools.lru_cache(maxsize=1)
def _tree(text: str) -> yaml.Node | None:
    return yaml.compose(text, Loader=LOADER)
