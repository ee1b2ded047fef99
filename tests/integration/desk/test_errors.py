"""When the API is away: a clear message, and nothing that was typed is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.desk import ApiGate, DecidedClients, Visit, decided_anew, running_desk, visiting
from tests.fixtures.stack import RunningStack

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.integration, pytest.mark.browser]
SAID = "I started a permanent job in May, here is the contract."


@pytest.fixture
def gated(
    chromium: Browser, stack: RunningStack, decided: DecidedClients, tmp_path: Path
) -> Iterator[tuple[Visit, ApiGate]]:
    """A tab on a desk whose way to the API can be shut."""
    gate = ApiGate(stack.place.http)
    try:
        with (
            running_desk(gate.url, stack.place.home.api_key(), tmp_path / "desk.log") as url,
            visiting(chromium, url) as visit,
        ):
            yield visit, gate
    finally:
        gate.close()


def test_what_was_typed_outlives_an_outage(gated: tuple[Visit, ApiGate], stack: RunningStack) -> None:
    """A contest that cannot be sent stays in its field, and is sent when the API is back."""
    visit, gate = gated
    visit.open(f"?decision={decided_anew(stack)}", wait="section.outcome")
    visit.segment("Contest and feedback")
    area = visit.page.get_by_label("The applicant's own point of view")
    area.fill(SAID)
    area.press("Control+Enter")
    gate.shut()
    visit.click("Open a review")
    visit.sees("The service does not answer.")
    assert visit.page.get_by_label("The applicant's own point of view").input_value() == SAID
    gate.open = True
    visit.click("Open a review")
    visit.sees("The review is open.")


def test_an_outage_says_what_to_do(gated: tuple[Visit, ApiGate]) -> None:
    """The page of a desk without its API says that it is away, that nothing is lost, and offers to try again."""
    visit, gate = gated
    gate.shut()
    visit.open("review", wait="[data-testid=stAlert]")
    visit.sees("The service does not answer.")
    gate.open = True
    visit.click("Try again")
    visit.sees("Those due first stand at the top.")


def test_an_unknown_client_says_so(visit: Visit) -> None:
    """An address with a number that nobody has is no error page."""
    visit.open("?client=999999999")
    visit.sees("No decision yet")
    visit.sees("There is no application on file either")
