"""Synthetic applications, their households and buildings."""

import numpy as np
import pytest

from credit.schema import APPLICATION_COLUMNS
from training.data.generation.applications import NEVER, DrawnClients, draw_clients
from training.data.generation.draws import TextColumn


@pytest.fixture(scope="module")
def clients() -> DrawnClients:
    return draw_clients(np.random.default_rng(0), np.arange(20_000))


def test_every_column_is_drawn_in_the_published_order_and_its_own_type(clients: DrawnClients) -> None:
    """TextColumn where the schema has categories, all of them known to it, and numbers elsewhere."""
    assert list(clients.columns) == [column.name for column in APPLICATION_COLUMNS]
    for column in APPLICATION_COLUMNS:
        drawn = clients.columns[column.name]
        assert isinstance(drawn, TextColumn) == column.is_category, column.name
        if isinstance(drawn, TextColumn):
            assert set(drawn.values) <= set(column.codes), column.name


def test_risk_is_seen_in_labels_and_scores(clients: DrawnClients) -> None:
    """Clients of more latent risk default more often, and external scores fall with it."""
    risky = clients.risk > 1
    assert clients.target[risky].mean() > 2 * clients.target[~risky].mean()
    for name in ("EXT_SOURCE_1", "EXT_SOURCE_2", "EXT_SOURCE_3"):
        score = clients.columns[name]
        known = ~np.isnan(score)
        assert np.corrcoef(score[known], clients.risk[known])[0, 1] < -0.3, name


def test_pensioners_have_no_employer(clients: DrawnClients) -> None:
    """No occupation, the organisation XNA, no work phone of the employer, and 365243 days of employment."""
    columns = clients.columns
    pensioner = columns["NAME_INCOME_TYPE"].equals("Pensioner")
    assert 0.1 < pensioner.mean() < 0.3
    assert (columns["DAYS_EMPLOYED"] == NEVER).tolist() == pensioner.tolist()
    assert columns["ORGANIZATION_TYPE"].equals("XNA").tolist() == pensioner.tolist()
    assert (columns["OCCUPATION_TYPE"].codes[pensioner] == -1).all()
    assert (columns["FLAG_EMP_PHONE"] == ~pensioner).all()


def test_nobody_was_employed_before_being_of_age(clients: DrawnClients) -> None:
    """Employment began at 16 at the earliest, and in the past."""
    working = clients.columns["DAYS_EMPLOYED"] != NEVER
    days = clients.columns["DAYS_EMPLOYED"][working]
    assert (days < 0).all()
    assert (days >= clients.columns["DAYS_BIRTH"][working] + 16 * 365).all()
