"""From request bodies to applications, or to the problem that says why not; all as the stream reads them."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError

from credit.application import ApplicationBatch
from credit.errors import UnknownClient
from credit.wire.application import MAX_APPLICATION_BYTES, ParsedBatch, parse_applications
from serve_app.door import problems
from serve_app.door.answer import Answer
from serve_app.door.bodies import ClientRequest, SimulatedClient

Body = TypeVar("Body", bound=BaseModel)

MAX_APPLICATIONS = 1000


def now_ms() -> int:
    """Return the time of arrival: milliseconds since the epoch, UTC."""
    return round(time.time() * 1000)


def read_client(body: bytes) -> int | Answer:
    """Read the client that `/predict` and `/explain` name."""
    request = validated(ClientRequest, body)
    return request if isinstance(request, Answer) else request.sk_id_curr


def read_applications(body: bytes) -> ApplicationBatch | Answer:
    """Read one application, or several under `applications`; a problem where any of them is invalid."""
    if b'"applications"' not in body[:MAX_APPLICATION_BYTES]:
        return _all_or_problem(parse_applications([body], [now_ms()]), [""])
    try:
        listed = orjson.loads(body).get("applications")
    except (ValueError, AttributeError) as error:
        return problems.invalid([("", f"not a JSON object: {error}")])
    return read_messages([orjson.dumps(item) for item in listed] if isinstance(listed, list) else [])


def read_messages(messages: Sequence[bytes]) -> ApplicationBatch | Answer:
    """Read the application messages of one request; a problem where any of them is invalid, or there are too many."""
    if not 1 <= len(messages) <= MAX_APPLICATIONS:
        return problems.invalid([("applications", f"a list of 1 to {MAX_APPLICATIONS} applications is expected")])
    parsed = parse_applications(messages, [now_ms()] * len(messages))
    return _all_or_problem(parsed, [f"applications.{i}." for i in range(len(messages))])


def read_simulated_client(body: bytes) -> SimulatedClient | Answer | None:
    """Read which client's application is changed how; None where the body holds applications of its own."""
    if b'"sk_id_curr"' not in body:
        return None
    return validated(SimulatedClient, body)


def overridden(row: bytes, overrides: dict[str, Any]) -> ApplicationBatch | Answer:
    """Return the application on file `row` with some columns changed; a problem where they cannot be."""
    columns = orjson.loads(row)
    if "SK_ID_CURR" in overrides:
        return problems.invalid([("overrides.SK_ID_CURR", "a client is named by sk_id_curr and cannot be changed")])
    parsed = parse_applications([orjson.dumps({"application": columns | overrides})], [now_ms()])
    if not parsed.rejected:
        return parsed.batch
    errors = [(path.replace("application.", "overrides.", 1), what) for path, what in parsed.rejected[0].problems]
    return problems.invalid(errors)


def on_file_applications(
    client_ids: list[int], rows: list[bytes | None]
) -> tuple[ApplicationBatch, list[int], dict[int, UnknownClient]]:
    """Read n clients' applications on file: those that can be decided, their places, and an error for each other."""
    places = [i for i, row in enumerate(rows) if row is not None]
    payloads = [b'{"application":' + row + b"}" for row in rows if row is not None]
    parsed = parse_applications(payloads, [now_ms()] * len(payloads))
    errors = {i: unknown(client_ids[i]) for i, row in enumerate(rows) if row is None}
    for rejection in parsed.rejected:
        place = places[rejection.row]
        errors[place] = UnknownClient(
            f"the application on file of client {client_ids[place]} cannot be read ({rejection.detail}); "
            "run `loanstream materialize` again"
        )
    return parsed.batch, [places[row] for row in parsed.rows.tolist()], errors


def unknown(client_id: int) -> UnknownClient:
    """Return the error for a client without an application on file."""
    return UnknownClient(f"no application of client {client_id} is on file; send it whole to /v1/decisions")


def _all_or_problem(parsed: ParsedBatch, prefixes: list[str]) -> ApplicationBatch | Answer:
    if parsed.rejected:
        return problems.invalid([(prefixes[r.row] + path, what) for r in parsed.rejected for path, what in r.problems])
    return parsed.batch


def validated(kind: type[Body], body: bytes) -> Body | Answer:
    """Read a body as its model; a problem that names each wrong field where it cannot be."""
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        listed = error.errors(include_url=False, include_context=False, include_input=False)
        return problems.invalid([(".".join(str(part) for part in e["loc"]), e["msg"]) for e in listed])
