"""The status page."""

from __future__ import annotations

from monitoring.door.page import render
from monitoring.outcomes.evaluation import OutcomeEvaluation
from monitoring.windows.overview import Overview


def test_the_page_escapes_and_stands_empty() -> None:
    """Before any decision the page says so, and what comes from outside is escaped."""
    page = render(Overview(), OutcomeEvaluation(), problem="<script>alert(1)</script>")
    assert "No decision seen yet" in page
    assert "<script>" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
