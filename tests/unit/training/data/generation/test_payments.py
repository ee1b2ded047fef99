"""Repayment of earlier credits, as drawn."""

import numpy as np
import pytest

from training.data.generation.payments import GrantedCredits, draw_cards, draw_instalments, draw_pos


def granted(n: int, *, card: bool, risk: float = 0.0) -> GrantedCredits:
    """n credits of 12 months, decided a year and a half ago."""
    full = np.full
    return GrantedCredits(
        previous_ids=np.arange(n),
        client_ids=np.arange(n) + 100,
        risk=full(n, risk),
        start=full(n, -540),
        months=full(n, 0 if card else 12),
        amount=full(n, 12_000.0),
        annuity=full(n, 1_100.0),
        card=full(n, card),
    )


def test_a_credit_is_paid_by_its_months_and_a_card_has_no_such_table() -> None:
    """Twelve instalments and their thirteen months for a credit; months of a balance for a card."""
    assert len(draw_instalments(np.random.default_rng(0), granted(3, card=False))["SK_ID_PREV"]) == 36
    assert len(draw_pos(np.random.default_rng(0), granted(3, card=False))["SK_ID_PREV"]) == 39
    assert len(draw_cards(np.random.default_rng(0), granted(3, card=False))["SK_ID_PREV"]) == 0
    assert len(draw_pos(np.random.default_rng(0), granted(3, card=True))["SK_ID_PREV"]) == 0
    assert len(draw_cards(np.random.default_rng(0), granted(3, card=True))["SK_ID_PREV"]) == 3 * 18


def test_nobody_pays_in_the_future() -> None:
    """Instalments are due and paid by yesterday, and in order."""
    table = draw_instalments(np.random.default_rng(0), granted(50, card=False))
    assert table["DAYS_INSTALMENT"].max() <= -1
    assert np.nanmax(table["DAYS_ENTRY_PAYMENT"]) <= -1
    first = table["DAYS_INSTALMENT"][table["SK_ID_PREV"] == 0]
    assert (np.diff(first) == 30).all()


@pytest.mark.parametrize("draw", [draw_pos, draw_cards])
def test_risky_clients_are_late_more_often(draw: object) -> None:
    """Days past due grow with the latent risk."""
    assert callable(draw)
    card = draw is draw_cards
    late = [
        (draw(np.random.default_rng(0), granted(2_000, card=card, risk=risk))["SK_DPD"] > 0).mean() for risk in (-1, 2)
    ]
    assert 0 < late[0] < late[1]
