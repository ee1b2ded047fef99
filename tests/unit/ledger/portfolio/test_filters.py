"""Filters of the portfolio: money in bands, words as numbers, nothing misspelt."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit.themes import THEMES, UNKNOWN
from ledger.errors import InvalidRequest
from ledger.portfolio.filters import PortfolioFilter
from tests.fixtures.portfolio import START_MS, counted, facts


def count(folder: Path, wanted: PortfolioFilter) -> int:
    amount = THEMES["amount"]
    held = facts(
        5,
        amount=[amount.band_of(value) for value in (80e3, 100e3, 250e3, 400e3)] + [UNKNOWN],
        family=[0, 1, 1, 1, UNKNOWN],
        contract=[0, 0, 1, 0, 0],
        outcome=[0, 1, 2, 0, 0],
    )
    condition, values = wanted.condition()
    with counted(folder, held) as counts:
        return int(counts.ask(f"SELECT count(*) FROM source_rows WHERE {condition}", values)[0][0])


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (PortfolioFilter(), 5),
        (PortfolioFilter(amount_from=100e3), 3),
        (PortfolioFilter(amount_from=100e3, amount_to=400e3), 2),
        (PortfolioFilter(amount_to=410e3), 4),
        (PortfolioFilter(family="Married"), 3),
        (PortfolioFilter(contract="Revolving loans"), 1),
        (PortfolioFilter(outcome=0), 3),
        (PortfolioFilter(from_ms=START_MS + 1000, to_ms=START_MS + 3000), 2),
        (PortfolioFilter(amount_from=100e3, family="Married", outcome=0), 1),
    ],
)
def test_a_filter_counts_what_it_says(tmp_path: Path, wanted: PortfolioFilter, expected: int) -> None:
    """Ends of money: from is in, to is out; who has no amount on file is in no range of amounts."""
    assert count(tmp_path, wanted) == expected


def test_money_between_two_edges_is_widened_to_them_and_said_so() -> None:
    """A sum is not kept finer than its band."""
    applied = PortfolioFilter(amount_from=110e3, amount_to=410e3).applied()
    assert (applied["amount_from"], applied["amount_to"]) == (100e3, 500e3)
    assert applied["income_from"] is None


def test_a_word_that_is_none_and_a_time_of_clients_on_file_are_refused() -> None:
    """A filter misspelt would give nothing, and look like a finding."""
    with pytest.raises(InvalidRequest, match="Maried"):
        PortfolioFilter(family="Maried").condition()
    with pytest.raises(InvalidRequest, match="no time"):
        PortfolioFilter(source="book", from_ms=1).condition()
