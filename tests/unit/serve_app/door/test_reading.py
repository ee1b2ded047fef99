"""From bodies to applications."""

from __future__ import annotations

import json
from typing import Any

from credit.application import ApplicationBatch
from credit.errors import UnknownClient
from credit.schema import COLUMN_INDEX
from serve_app.door.answer import Answer
from serve_app.door.bodies import SimulatedClient
from serve_app.door.reading import (
    MAX_APPLICATIONS,
    on_file_applications,
    overridden,
    read_applications,
    read_client,
    read_simulated_client,
    simulated,
)
from tests.fixtures.decisions import application_batch

ROW: dict[str, Any] = {
    "SK_ID_CURR": 100001,
    "NAME_CONTRACT_TYPE": "Cash loans",
    "AMT_INCOME_TOTAL": 135000.0,
    "AMT_CREDIT": 568800,
    "DAYS_BIRTH": -19241,
}


def fields_of(answer: object) -> set[str]:
    """Return the fields that a 422 names."""
    assert isinstance(answer, Answer)
    assert answer.status == 422
    return {error["field"] for error in json.loads(answer.body)["errors"]}


def test_a_client_is_read_strictly() -> None:
    """A number, and nothing beside it."""
    assert read_client(b'{"sk_id_curr": 100001}') == 100001
    assert fields_of(read_client(b'{"sk_id_curr": "100001"}')) == {"sk_id_curr"}
    assert fields_of(read_client(b'{"sk_id_curr": 1, "more": 2}')) == {"more"}


def test_one_or_several_applications_are_read_in_order() -> None:
    """As on the stream; the first invalid one refuses all."""
    one = read_applications(json.dumps({"application": ROW}).encode())
    assert isinstance(one, ApplicationBatch)
    several = [{"application": ROW | {"SK_ID_CURR": i}} for i in (5, 4, 6)]
    batch = read_applications(json.dumps({"applications": several}).encode())
    assert isinstance(batch, ApplicationBatch)
    assert batch.client_ids.tolist() == [5, 4, 6]
    several[1] = {"application": ROW | {"AMT_CREDIT": "much"}}
    assert fields_of(read_applications(json.dumps({"applications": several}).encode())) == {
        "applications.1.application.AMT_CREDIT"
    }


def test_too_many_applications_are_refused() -> None:
    """The list is bounded."""
    body = {"applications": [{"application": ROW}] * (MAX_APPLICATIONS + 1)}
    assert fields_of(read_applications(json.dumps(body).encode())) == {"applications"}


def test_a_simulation_names_a_client_or_brings_applications() -> None:
    """The two bodies are told apart by the client's name."""
    client = read_simulated_client(b'{"sk_id_curr": 7, "overrides": {"AMT_CREDIT": 1.5}}')
    assert isinstance(client, SimulatedClient)
    assert (client.sk_id_curr, client.overrides) == (7, {"AMT_CREDIT": 1.5})
    assert read_simulated_client(json.dumps({"application": ROW}).encode()) is None


def test_overrides_replace_cells_and_nothing_else() -> None:
    """A null makes a column missing."""
    batch = overridden(json.dumps(ROW).encode(), {"AMT_CREDIT": 1.5, "AMT_GOODS_PRICE": None})
    assert isinstance(batch, ApplicationBatch)
    assert batch.values[0, COLUMN_INDEX["AMT_CREDIT"]] == 1.5
    assert batch.values[0, COLUMN_INDEX["AMT_INCOME_TOTAL"]] == 135000.0
    assert fields_of(overridden(json.dumps(ROW).encode(), {"DAYS_BIRTH": None})) == {"overrides.DAYS_BIRTH"}


def test_simulated_applications_have_ids_that_no_message_may_have() -> None:
    """A real application could not be sent under such an id."""
    (one,) = simulated(application_batch(1)).application_ids
    body = json.dumps({"application_id": one, "application": ROW}).encode()
    assert fields_of(read_applications(body)) == {"application_id"}


def test_who_is_not_on_file_keeps_his_place() -> None:
    """The rows that can be decided, where they stood, and an error for each other client."""
    rows = [None, json.dumps(ROW).encode(), b'{"SK_ID_CURR": 3}']
    batch, places, errors = on_file_applications([1, 2, 3], rows)
    assert (len(batch), places) == (1, [1])
    assert errors.keys() == {0, 2}
    assert all(isinstance(error, UnknownClient) for error in errors.values())
