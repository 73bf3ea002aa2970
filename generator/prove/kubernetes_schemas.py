"""The schemas that kubeconform judges by, written when the tools are installed: `python kubernetes_schemas.py FOLDER [DEFINITIONS]`.

Without definitions they are those of Kubernetes, which the wheel kubernetes-validate brings; else those of the
CustomResourceDefinitions in that file. A schema is named by group, kind and version, so that none is taken for another's.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

KUBERNETES_VERSION = "1.37"
LOCATION = "{{.Group}}/{{.ResourceKind}}-{{.ResourceAPIVersion}}.json"
"""Where kubeconform finds the schema of a document; the group of the core is its version, `v1`."""
SHARED = "_definitions.json"
BRANCHES = frozenset({"allOf", "anyOf", "oneOf", "not"})

Schema = dict[str, Any]


def main(folder: Path, *definitions: Path) -> None:
    if not definitions:
        write(folder / SHARED, relative(_shipped(SHARED), ""))
    for group, kind, version, schema in of_custom_resources(*definitions) if definitions else of_kubernetes():
        write(folder / (group or version) / f"{kind.lower()}-{version}.json", schema)


def of_kubernetes() -> Iterator[tuple[str, str, str, Schema]]:
    """Of each object with a kind of its own; the wheel's files for the parts of objects are no use here."""
    for entry in _schemas().iterdir():
        schema = _shipped(entry.name)
        match schema.get("x-kubernetes-group-version-kind"):
            case [{"group": group, "kind": kind, "version": version}]:
                yield group, kind, version, relative(schema, f"../{SHARED}")


def relative(schema: Any, shared: str) -> Any:
    """References by file, since kubeconform does not look for `/api/_definitions.json` at the address that `$id` says."""
    if isinstance(schema, list):
        return [relative(each, shared) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: relative(value, shared) for key, value in schema.items() if key != "$id"}
    if isinstance(found.get("$ref"), str):
        found["$ref"] = found["$ref"].replace(f"/api/{SHARED}", shared, 1)
    return found


def of_custom_resources(*files: Path) -> Iterator[tuple[str, str, str, Schema]]:
    import yaml

    for file in files:
        for definition in yaml.load_all(file.read_text(encoding="utf-8"), yaml.CSafeLoader):
            if definition and definition["kind"] == "CustomResourceDefinition":
                spec = definition["spec"]
                for version in spec["versions"]:
                    schema = sealed(version["schema"]["openAPIV3Schema"])
                    yield spec["group"], spec["names"]["kind"], version["name"], of_object(schema)


def of_object(schema: Schema) -> Schema:
    """A definition leaves out what all objects have."""
    whole = {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
    return {**schema, "properties": {**schema["properties"], **whole}, "required": [*whole, *schema.get("required", ())]}


def sealed(schema: Any) -> Any:
    """No key but those that are defined, as an API server is strict; branches only add to what their parent defines."""
    if isinstance(schema, list):
        return [sealed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: value if key in BRANCHES else _sealed_below(key, value) for key, value in schema.items()}
    if schema.get("type") == "object" and "properties" in schema and not schema.get("x-kubernetes-preserve-unknown-fields"):
        found.setdefault("additionalProperties", False)
    return found


def _sealed_below(key: str, value: Any) -> Any:
    return {name: sealed(each) for name, each in value.items()} if key == "properties" else sealed(value)


def write(path: Path, schema: Schema) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema, separators=(",", ":"), sort_keys=True), encoding="utf-8")


def _schemas() -> Any:
    import importlib.resources

    return importlib.resources.files("kubernetes_validate") / "kubernetes-json-schema" / f"v{KUBERNETES_VERSION}.0-local-strict"


def _shipped(name: str) -> Schema:
    found: Schema = json.loads((_schemas() / name).read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
