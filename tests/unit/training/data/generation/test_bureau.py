"""Loans with other lenders, as drawn."""

import numpy as np
import pytest

from training.data.generation.applications import DrawnClients, draw_clients
from training.data.generation.bureau import draw_bureau
from training.data.generation.draws import Columns


@pytest.fixture(scope="module")
def clients() -> DrawnClients:
    return draw_clients(np.random.default_rng(0), np.arange(1_000, 3_000))


@pytest.fixture(scope="module")
def drawn(clients: DrawnClients) -> tuple[Columns, Columns]:
    return draw_bureau(np.random.default_rng(1), clients, first_id=500)


def test_loans_are_numbered_from_the_first_id_and_belong_to_clients(
    clients: DrawnClients, drawn: tuple[Columns, Columns]
) -> None:
    """Chunks follow each other without a gap or a clash."""
    bureau, _ = drawn
    loans = bureau["SK_ID_BUREAU"]
    assert loans.tolist() == list(range(500, 500 + len(loans)))
    assert set(bureau["SK_ID_CURR"].tolist()) < set(clients.ids.tolist()), "some have no loans elsewhere"


def test_only_closed_loans_have_ended(drawn: tuple[Columns, Columns]) -> None:
    """An active loan has no end and may be owed; the end of another lies in the past."""
    bureau, _ = drawn
    active = ~np.isnan(bureau["AMT_CREDIT_SUM_DEBT"]) & (bureau["AMT_CREDIT_SUM_DEBT"] > 0)
    assert active.any()
    assert np.isnan(bureau["DAYS_ENDDATE_FACT"][active]).all()
    ended = bureau["DAYS_ENDDATE_FACT"]
    assert (ended[~np.isnan(ended)] <= -1).all()


def test_months_are_told_of_loans_that_were_taken_by_then(drawn: tuple[Columns, Columns]) -> None:
    """No month lies before its loan or in the future; C follows the end."""
    bureau, balance = drawn
    taken = dict(zip(bureau["SK_ID_BUREAU"].tolist(), bureau["DAYS_CREDIT"].tolist(), strict=True))
    first = np.array([taken[i] for i in balance["SK_ID_BUREAU"].tolist()])
    months = balance["MONTHS_BALANCE"]
    assert months.max() <= 0
    assert (months >= first // 30).all()
    assert set(balance["STATUS"].codes.tolist()) <= set(range(8))
