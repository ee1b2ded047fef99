"""The page What if: changes move outcome and gauge at once, and nothing of it is kept."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import pytest

from tests.fixtures.desk import DecidedClients, Visit
from tests.fixtures.stack import RunningStack

pytestmark = [pytest.mark.integration, pytest.mark.browser]


def move(visit: Visit, label: str, key: str, times: int) -> None:
    """Move a slider by keys."""
    slider = visit.page.get_by_role("slider", name=label)
    slider.focus()
    for _ in range(times):
        visit.page.keyboard.press(key)


def test_a_change_moves_the_decision(
    visit: Visit, stack: RunningStack, decided: DecidedClients, record_property: Callable[[str, object], None]
) -> None:
    """A slider moves risk and gauge, before stays beside after, and the ledger hears nothing."""
    with stack.client() as client:
        before = len(client.get(f"/v1/clients/{decided.decline}/decisions").json()["decisions"])
    visit.open(f"what-if?client={decided.decline}", wait=".st-key-card-after .js-plotly-plot")
    visit.sees("Simulation")
    first = visit.page.locator(".unseen[role=status]").inner_text()
    began = time.monotonic()
    move(visit, "External score 2", "End", 1)
    visit.page.wait_for_function(
        "first => document.querySelector('.unseen[role=status]').textContent !== first", arg=first
    )
    took = time.monotonic() - began
    record_property("a change on the page What if shows after, s", round(took, 3))
    assert took < 5  # a busy machine; what a quiet one takes is measured by `make bench-desk`
    with stack.client() as client:
        assert len(client.get(f"/v1/clients/{decided.decline}/decisions").json()["decisions"]) == before


def test_scenarios_are_kept_and_compared(visit: Visit, decided: DecidedClients) -> None:
    """Two scenarios stand side by side with the application as it is; going to another page and back keeps them."""
    visit.open(f"what-if?client={decided.decline}", wait=".st-key-card-after .js-plotly-plot")
    move(visit, "External score 2", "End", 1)
    visit.page.locator(".st-key-scenario-keep button:not([disabled])").click()
    table = visit.page.get_by_role("region", name="Scenarios compared")
    table.get_by_text("Scenario 1").wait_for()
    move(visit, "External score 3", "End", 1)
    visit.page.get_by_text(re.compile("External score 3: ")).first.wait_for()
    visit.page.get_by_label("Name of this scenario").fill("Better scores")
    visit.page.get_by_label("Name of this scenario").press("Enter")
    visit.click("Keep it")
    table.get_by_text("Better scores").wait_for()
    assert table.get_by_role("row").count() == 4
    visit.page.get_by_role("link", name="Review").click()
    visit.sees("Those due first stand at the top.")
    visit.page.get_by_role("link", name="What if").click()
    table.get_by_text("Better scores").wait_for()


def test_back_to_how_it_is(visit: Visit, decided: DecidedClients) -> None:
    """One button undoes all changes."""
    visit.open(f"what-if?client={decided.decline}", wait=".st-key-card-after .js-plotly-plot")
    first = visit.page.locator(".unseen[role=status]").inner_text()
    move(visit, "External score 2", "End", 1)
    visit.page.wait_for_function(
        "first => document.querySelector('.unseen[role=status]').textContent !== first", arg=first
    )
    visit.click("Back to how it is")
    visit.page.wait_for_function(
        "first => document.querySelector('.unseen[role=status]').textContent === first", arg=first
    )
