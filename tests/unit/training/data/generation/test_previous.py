"""Earlier applications with the bank, as drawn."""

import numpy as np
import pytest

from training.data.generation.applications import draw_clients
from training.data.generation.draws import Columns
from training.data.generation.previous import draw_previous


@pytest.fixture(scope="module")
def drawn() -> dict[str, Columns]:
    clients = draw_clients(np.random.default_rng(0), np.arange(2_000))
    return draw_previous(np.random.default_rng(1), clients, first_id=900)


def test_only_refusals_have_reasons(drawn: dict[str, Columns]) -> None:
    """XAP stands for none, as in the real tables."""
    table = drawn["previous_application"]
    refused = table["NAME_CONTRACT_STATUS"].equals("Refused")
    assert 0.05 < refused.mean() < 0.5
    assert (table["CODE_REJECT_REASON"].equals("XAP") == ~refused).all()


def test_only_approved_credits_are_paid(drawn: dict[str, Columns]) -> None:
    """Months, card balances and instalments belong to applications that were approved."""
    table = drawn["previous_application"]
    approved = set(table["SK_ID_PREV"][table["NAME_CONTRACT_STATUS"].equals("Approved")].tolist())
    assert min(approved) >= 900
    for name in ("POS_CASH_balance", "credit_card_balance", "installments_payments"):
        paid = set(drawn[name]["SK_ID_PREV"].tolist())
        assert paid, name
        assert paid <= approved, name


def test_cards_have_no_last_day(drawn: dict[str, Columns]) -> None:
    """365243 days stand for never, in the columns where the real tables have them."""
    table = drawn["previous_application"]
    card = table["NAME_CONTRACT_TYPE"].equals("Revolving loans") & ~np.isnan(table["DAYS_TERMINATION"])
    assert (table["DAYS_LAST_DUE"][card] == 365243).all()
    assert (table["DAYS_DECISION"] < 0).all()
