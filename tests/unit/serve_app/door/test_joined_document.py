"""The API's documentation with the ledger's in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from prometheus_client import CollectorRegistry

from ledger.door.app import create_app
from serve_app.door.api import documented_api
from serve_app.door.forward import is_the_ledgers
from serve_app.door.joined_document import joined
from serve_app.door.routes import BareRoutes
from serve_app.door.service import HttpService


def references(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from (value for key, value in part.items() if key == "$ref" and isinstance(value, str))
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from references(inner)


def real_documents() -> tuple[dict[str, Any], dict[str, Any]]:
    """What both doors say of themselves; neither needs its parts for that."""
    service = cast(HttpService, None)
    ledger = create_app(cast(Any, None), CollectorRegistry())
    return documented_api(service, BareRoutes(service)).openapi(), ledger.openapi()


def test_every_route_of_both_is_there_and_every_reference_leads_somewhere() -> None:
    """Each operation of the ledger that is handed on is told once, as it stands, and asks for the key."""
    own, ledgers = real_documents()
    whole = joined(own, ledgers, is_the_ledgers)
    told = {(path, method) for path, operations in whole["paths"].items() for method in operations}
    handed_on = {
        (path, method)
        for path, operations in ledgers["paths"].items()
        for method in operations
        if is_the_ledgers(method.upper(), path)
    }
    assert told == handed_on | {(path, method) for path, operations in own["paths"].items() for method in operations}
    assert ("/v1/decisions", "get") in told
    assert ("/v1/decisions", "post") in told
    assert all(whole["paths"][path][method]["security"] == [{"APIKeyHeader": []}] for path, method in handed_on)
    schemas = whole["components"]["schemas"]
    assert {name.removeprefix("#/components/schemas/") for name in references(whole)} <= set(schemas)
    ids = [one["operationId"] for operations in whole["paths"].values() for one in operations.values()]
    assert len(ids) == len(set(ids))


def test_a_schema_of_the_same_name_keeps_both_meanings() -> None:
    """What means something else in the ledger is renamed with all that refers to it; what is the same is there once."""
    uses = {"get": {"schema": {"items": [{"$ref": "#/components/schemas/Row"}]}}}
    own = {"paths": {"/a": uses}, "components": {"schemas": {"Row": {"type": "string"}, "Same": {}}}}
    theirs = {"paths": {"/b": uses}, "components": {"schemas": {"Row": {"type": "number"}, "Same": {}}}}
    whole = joined(own, theirs, lambda *_: True)
    assert whole["components"]["schemas"] == {
        "Row": {"type": "string"},
        "LedgerRow": {"type": "number"},
        "Same": {},
    }
    assert whole["paths"]["/a"] == uses
    assert list(references(whole["paths"]["/b"])) == ["#/components/schemas/LedgerRow"]
