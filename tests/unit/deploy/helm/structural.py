"""A custom resource's structural schema as a strict JSON Schema: what it does not list is refused."""

from __future__ import annotations

from typing import Any

import jsonschema

# The operator's file keeps no list of an ObjectMeta's fields for the resource itself; these are what one may write.
METADATA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "name": {"type": "string"},
        "namespace": {"type": "string"},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "annotations": {"type": "object", "additionalProperties": {"type": "string"}},
    },
}


def strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema in which objects that list properties allow no others, unless they say they keep unknown ones."""
    made = {key: value for key, value in schema.items() if not key.startswith("x-kubernetes-") and key != "format"}
    if schema.get("x-kubernetes-int-or-string"):
        made["type"] = ["integer", "string"]
        made.pop("anyOf", None)
    if "properties" in schema:
        made["properties"] = {name: strict(part) for name, part in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            made["additionalProperties"] = False
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            made[key] = strict(schema[key])
    if schema.get("nullable"):
        made["type"] = [made["type"], "null"]
    return made


def schema_of(definition: dict[str, Any], version: str) -> dict[str, Any]:
    """Return the strict schema of one version of a CustomResourceDefinition."""
    (served,) = (v for v in definition["spec"]["versions"] if v["name"] == version)
    made = strict(served["schema"]["openAPIV3Schema"])
    made["properties"]["metadata"] = METADATA
    return made


def validate(document: dict[str, Any], definition: dict[str, Any]) -> None:
    """Check a document against its CRD; raises jsonschema.ValidationError."""
    version = document["apiVersion"].split("/")[1]
    jsonschema.Draft202012Validator(schema_of(definition, version)).validate(document)
