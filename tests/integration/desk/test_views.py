"""Every view behind a page's first one, an open review, and a form being filled: nothing serious for axe-core.

In English on dark ground and in French on light ground; the pages' first views in the other two looks: test_pages.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.axe import serious_findings
from tests.fixtures.desk import DecidedClients, Visit, visiting
from tests.fixtures.streamlit_runs import running_again

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator

pytestmark = [pytest.mark.integration, pytest.mark.browser, pytest.mark.timeout(300)]
# Pages with views, and the key of the row of segments that chooses one.
PAGES = {"": "client-more", "explanation": "explained-view", "portfolio": "portfolio-view", "model": "model-view"}
_ALL_CHARTS = "[...document.querySelectorAll('.stPlotlyChart')].every(chart => chart.querySelector('.main-svg'))"


@pytest.fixture(params=[("en-GB", "dark"), ("fr-FR", "light")], ids=["english-dark", "french-light"])
def look(request: pytest.FixtureRequest, chromium: Browser, desk_url: str, decided: DecidedClients) -> Iterator[Visit]:
    """A tab in one language and on one ground."""
    locale, scheme = request.param
    with visiting(chromium, desk_url, locale=locale, color_scheme=scheme) as one:
        yield one


def drawn(visit: Visit) -> None:
    """Wait until a view stands with all of its charts."""
    visit.settled()
    visit.page.wait_for_function(_ALL_CHARTS)


def findings_of(visit: Visit, views: Locator) -> list[str]:
    """Return what axe finds in each of a row's views, with the view's name."""
    found = []
    for place in range(views.count()):
        if views.nth(place).get_attribute("aria-checked") != "true":
            with running_again(visit.page):
                views.nth(place).click()
        # The row is drawn anew, with another one chosen.
        visit.page.wait_for_function(
            "([row, place]) => document.querySelectorAll(row)[place].getAttribute('aria-checked') === 'true'",
            arg=[f"{_row_of(views)} button", place],
        )
        drawn(visit)
        found += [f"{views.nth(place).inner_text()}: {finding}" for finding in serious_findings(visit.page)]
    return found


def _row_of(views: Locator) -> str:
    key: str = views.first.evaluate("button => button.closest('[class*=st-key-]').className.match(/st-key-[^ ]+/)[0]")
    return f".{key}"


@pytest.mark.parametrize("path", PAGES)
def test_every_view_of_a_page(look: Visit, decided: DecidedClients, path: str) -> None:
    """Letter, proof, one feature, the eight themes, the threshold, fairness, the card and the others."""
    look.open(f"{path}?client={decided.decline}")
    views = look.page.locator(f".st-key-{PAGES[path]} button")
    views.first.wait_for()
    assert views.count() > 1
    assert findings_of(look, views) == []


def test_an_open_review(look: Visit) -> None:
    """The file of the first review in the queue, with what may be done with it."""
    look.open("review", wait=".st-key-card-queue")
    look.page.locator("[class*=st-key-card-queue] [class*=st-key-review-] button").first.click()
    look.page.locator(".st-key-card-work").wait_for()
    drawn(look)
    assert serious_findings(look.page) == []


def test_an_application_that_is_typed_in(look: Visit) -> None:
    """The form with all of its fields."""
    look.open()
    look.page.locator(".st-key-desk-entry summary").first.click()
    look.page.locator(".st-key-desk-entry input").first.wait_for()
    drawn(look)
    assert serious_findings(look.page) == []
