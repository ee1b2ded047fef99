"""Every page in two looks: soon there, a silent console, nothing serious for axe-core. The other two: test_views.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.fixtures.axe import serious_findings
from tests.fixtures.desk import DecidedClients, Visit

pytestmark = [pytest.mark.integration, pytest.mark.browser]
# What a busy machine of two cores may take; the figures of a quiet one are in docs/performance.md.
MOST_S = 30.0
PAGES = ["", "explanation", "comparison", "what-if", "review", "portfolio", "operations", "model"]


@pytest.mark.parametrize("path", PAGES)
def test_english_and_light(
    visit: Visit, decided: DecidedClients, path: str, record_property: Callable[[str, object], None]
) -> None:
    """A page in English on light ground, with a client chosen where it shows one."""
    took = visit.open(f"{path}?client={decided.decline}")
    assert took < MOST_S
    record_property(f"first answer of /{path}, s", round(took, 2))
    assert visit.page.evaluate("document.documentElement.lang") == "en"
    assert serious_findings(visit.page) == []


@pytest.mark.parametrize("path", PAGES)
def test_french_and_dark(french_visit: Visit, decided: DecidedClients, path: str) -> None:
    """The same page in French on dark ground."""
    french_visit.open(f"{path}?client={decided.decline}")
    assert french_visit.page.evaluate("document.documentElement.lang") == "fr"
    assert french_visit.page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert serious_findings(french_visit.page) == []
