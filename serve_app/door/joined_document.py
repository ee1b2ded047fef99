"""One documentation for one address: the ledger's routes beside the API's own, in one OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

Document = dict[str, Any]
_SCHEMAS: Final = "#/components/schemas/"
_PREFIX: Final = "Ledger"


def joined(own: Document, ledgers: Document, is_the_ledgers: Callable[[str, str], bool]) -> Document:
    """Return the API's document with those of the ledger's operations that are asked for through the API's address.

    is_the_ledgers: whether a method and a path are handed on. A schema whose name means something else here is renamed.
    """
    schemas = own.get("components", {}).get("schemas", {})
    others = ledgers.get("components", {}).get("schemas", {})
    renamed = {name: _PREFIX + name for name, body in others.items() if name in schemas and schemas[name] != body}
    theirs = _with_names(ledgers, renamed)
    paths = {path: dict(operations) for path, operations in own["paths"].items()}
    for path, operations in theirs["paths"].items():
        asked = {method: told for method, told in operations.items() if is_the_ledgers(method.upper(), path)}
        if asked:
            paths.setdefault(path, {}).update(asked)
    components = dict(own.get("components", {}))
    for kind, named in theirs.get("components", {}).items():
        given = {renamed.get(name, name): body for name, body in named.items()} if kind == "schemas" else named
        components[kind] = given | components.get(kind, {})
    return own | {"paths": paths, "components": components}


def _with_names(part: Any, renamed: dict[str, str]) -> Any:
    """Return a part of a document in which references lead to the new names."""
    if isinstance(part, dict):
        return {
            key: _new_reference(value, renamed) if key == "$ref" else _with_names(value, renamed)
            for key, value in part.items()
        }
    return [_with_names(value, renamed) for value in part] if isinstance(part, list) else part


def _new_reference(reference: str, renamed: dict[str, str]) -> str:
    name = reference.removeprefix(_SCHEMAS)
    return _SCHEMAS + renamed.get(name, name) if reference.startswith(_SCHEMAS) else reference
