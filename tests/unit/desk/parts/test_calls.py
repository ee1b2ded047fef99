"""Rows of the history of calls."""

from typing import cast

from desk.client.decisions import DecisionClient, DeskDecisionList, ListedDecision
from desk.parts.calls import call_rows, page_with_rows
from tests.fixtures.told_api import DECISION, LISTED


def test_a_row_names_no_client_and_says_how_it_was_decided() -> None:
    (row,) = call_rows([ListedDecision.model_validate(LISTED | {"mode": "history_unavailable"})])
    assert row["Decision"] == DECISION
    assert row["Outcome"] == "Declined"
    assert row["Decided how"] == "without history"
    assert row["Door"] == "Kafka"
    assert not any("client" in heading.lower() for heading in row)


class Pages:
    """Answers with one page after another, and remembers after what it was asked."""

    def __init__(self, *pages: DeskDecisionList) -> None:
        self.pages = list(pages)
        self.asked: list[object] = []

    def recent(self, limit: int, filters: dict[str, object]) -> DeskDecisionList:
        self.asked.append(filters["after"])
        return self.pages.pop(0)


def test_empty_pages_are_gone_on_from_until_one_has_rows() -> None:
    """A rare filter leaves whole pages empty, which is no end."""
    row = ListedDecision.model_validate(LISTED)
    pages = Pages(
        DeskDecisionList(decisions=[], next="a"),
        DeskDecisionList(decisions=[], next="b"),
        DeskDecisionList(decisions=[row], next=None),
    )
    assert page_with_rows(cast(DecisionClient, pages), {}, None).decisions == [row]
    assert pages.asked == [None, "a", "b"]


def test_the_search_ends_with_a_page_to_go_on_from() -> None:
    """However rare, one look at the page asks a bounded number of times."""
    pages = Pages(*[DeskDecisionList(decisions=[], next=str(place)) for place in range(100)])
    last = page_with_rows(cast(DecisionClient, pages), {}, None)
    assert last.next == "20"
    assert len(pages.asked) == 21
