"""Whether one version of a message's JSON Schema can take the place of another, without a new version number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Schema = dict[str, Any]

# Bounds: a new one that is absent or wider takes all that the old one took; `sign` says which way is wider.
_BOUNDS = {
    "minimum": -1,
    "exclusiveMinimum": -1,
    "minLength": -1,
    "minItems": -1,
    "maximum": 1,
    "exclusiveMaximum": 1,
    "maxLength": 1,
    "maxItems": 1,
}
_SAME = ("pattern", "format")


def breaks(old: Schema, new: Schema, *, read: bool, written: bool) -> list[str]:
    """Return what is incompatible in `new` for those who know `old`, as sentences; none where it may take its place.

    read: others go on writing `old` and we read it with `new`, so `new` must accept all that `old` did; written: others
    go on reading with `old` what we write as `new`, so `old` must accept all that `new` does. A field more is no harm
    to a reader, and a field that an old reader never saw is not promised.
    """
    found = []
    if read:
        found += [f"{path}: {what}, so messages written before are refused" for path, what in _narrower(old, new)]
    if written:
        found += [f"{path}: {what}, so readers of before are surprised" for path, what in _narrower(new, old)]
        found += _columns(old.get("x-arrow-columns", {}), new.get("x-arrow-columns", {}))
    return found


def _columns(old: dict[str, str], new: dict[str, str]) -> list[str]:
    return [
        f"column {name}: {new.get(name, 'gone')} instead of {kind}"
        for name, kind in old.items()
        if new.get(name) != kind
    ]


def _narrower(wide: Schema, narrow: Schema) -> list[tuple[str, str]]:
    """Return the places where `narrow` may refuse what `wide` accepts."""
    return list(_differences(wide, narrow, wide.get("$defs", {}), narrow.get("$defs", {}), "message"))


def _differences(old: Schema, new: Schema, old_defs: Schema, new_defs: Schema, path: str) -> Iterable[tuple[str, str]]:
    old, new = _resolved(old, old_defs), _resolved(new, new_defs)
    if "anyOf" in old or "anyOf" in new:
        for choice in old.get("anyOf", [old]):
            tries = [list(_differences(choice, other, old_defs, new_defs, path)) for other in new.get("anyOf", [new])]
            if all(tries):
                yield min(tries, key=len)[0]
        return
    types = (old.get("type"), new.get("type"))
    if types[1] is not None and types[0] != types[1] and types != ("integer", "number"):
        yield path, f"{types[0] or 'anything'} became {types[1]}"
        return
    yield from _values(old, new, path)
    for name, sign in _BOUNDS.items():
        if name in new and (name not in old or sign * (new[name] - old[name]) < 0):
            yield path, f"{name} {old.get(name, 'none')} became {new[name]}"
    for name in _SAME:
        if name in new and old.get(name) != new[name]:
            yield path, f"{name} {old.get(name, 'none')} became {new[name]}"
    yield from _fields(old, new, old_defs, new_defs, path)
    if "items" in new:
        yield from _differences(old.get("items", {}), new["items"], old_defs, new_defs, f"{path}[]")
    for place, item in enumerate(new.get("prefixItems", ())):
        before = old.get("prefixItems", ())
        yield from _differences(
            before[place] if place < len(before) else {}, item, old_defs, new_defs, f"{path}[{place}]"
        )


def _fields(old: Schema, new: Schema, old_defs: Schema, new_defs: Schema, path: str) -> Iterable[tuple[str, str]]:
    for name in new.get("required", ()):
        if name not in old.get("required", ()):
            yield f"{path}.{name}", "became required"
    closed = new.get("additionalProperties") is False
    if closed and old.get("additionalProperties") is not False:
        yield path, "other fields are refused"
    for name, field in old.get("properties", {}).items():
        if name in new.get("properties", {}):
            yield from _differences(field, new["properties"][name], old_defs, new_defs, f"{path}.{name}")
        elif closed:
            yield f"{path}.{name}", "is gone"


def _values(old: Schema, new: Schema, path: str) -> Iterable[tuple[str, str]]:
    allowed = _listed(new)
    if allowed is None:
        return
    before = _listed(old)
    if before is None:
        yield path, "only certain values are taken"
    elif lost := [value for value in before if value not in allowed]:
        yield path, f"{', '.join(map(repr, lost))} is no value any more"


def _listed(schema: Schema) -> list[Any] | None:
    values: list[Any] | None = [schema["const"]] if "const" in schema else schema.get("enum")
    return values


def _resolved(schema: Schema, defs: Schema) -> Schema:
    while "$ref" in schema:
        schema = defs[schema["$ref"].rsplit("/", 1)[1]]
    return schema
