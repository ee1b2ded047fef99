"""What filters ask for."""

import pytest

from desk.client.portfolio import PortfolioQuery
from desk.parts.portfolio_filters import begin_of, filters_in_words, span_of


@pytest.mark.parametrize(
    ("chosen", "asked"),
    [
        ((0.0, 1e6), (None, None)),
        ((1e5, 1e6), (1e5, None)),
        ((0.0, 2e5), (None, 2e5)),
        ((1e5, 2e5), (1e5, 2e5)),
    ],
)
def test_a_span_that_reaches_the_end_is_open_there(
    chosen: tuple[float, float], asked: tuple[float | None, float | None]
) -> None:
    """Who asks for more than anybody has must lose nobody above the last edge."""
    assert span_of(chosen, [0.0, 1e5, 2e5, 1e6]) == asked


def test_a_period_begins_at_a_whole_minute_so_that_answers_are_found_again() -> None:
    now = 1_750_000_034_567
    assert begin_of("all", now) is None
    assert begin_of("hour", now) == begin_of("hour", now + 1_000)
    begin = begin_of("day", now)
    assert begin is not None
    assert 0 <= now - 86_400_000 - begin < 60_000


def test_filters_are_said_in_one_line() -> None:
    wanted = PortfolioQuery("book", 1e5, None, None, 5e4, "Widow", None, "decline")
    assert filters_in_words(wanted) == "Clients on file · credit 100,000 – … · income … – 50,000 · Widowed · Declined"


def test_a_query_leaves_the_outcome_out_where_it_must() -> None:
    wanted = PortfolioQuery(outcome="decline", decided_from=5)
    assert wanted.query()["outcome"] == "decline"
    assert wanted.query()["from"] == 5
    assert wanted.query(outcome=False)["outcome"] is None
