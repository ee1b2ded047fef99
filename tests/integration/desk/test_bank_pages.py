"""The bank's pages over a running stack: what a client's values mean, the portfolio, and a stream that moves."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from pathlib import Path

import pytest

from tests.fixtures.desk import DecidedClients, Visit
from tests.fixtures.stack import RunningStack

pytestmark = [pytest.mark.integration, pytest.mark.browser]


def view(visit: Visit, name: str) -> None:
    """Choose a view of a page."""
    visit.page.get_by_role("radio", name=name).first.click()


def test_the_explanation_adds_up_to_the_stored_score(
    visit: Visit, stack: RunningStack, decided: DecidedClients
) -> None:
    """The waterfall's last row is the raw score of the receipt."""
    with stack.client() as client:
        listed = client.get(f"/v1/clients/{decided.decline}/decisions").json()["decisions"]
        receipt = client.get(f"/v1/decisions/{listed[0]['decision_id']}").json()
    visit.open(f"explanation?client={decided.decline}", wait=".st-key-card-waterfall .js-plotly-plot")
    card = visit.page.locator(".st-key-card-waterfall")
    card.get_by_text("Data and description").click()
    last = card.get_by_role("row").last
    last.wait_for()
    assert last.inner_text().split()[-1] == f"{receipt['raw_score']:.4f}".rstrip("0")


def test_one_feature_and_what_it_means(visit: Visit, decided: DecidedClients) -> None:
    """Dependence is drawn for the feature that is chosen; the table of meanings is searched."""
    visit.open(f"explanation?client={decided.decline}")
    view(visit, "One feature")
    visit.page.locator(".st-key-card-dependence .js-plotly-plot").wait_for()
    view(visit, "What features mean")
    table = visit.page.get_by_role("region", name="What each feature means")
    table.wait_for()
    before = table.get_by_role("row").count()
    search = visit.page.get_by_label("Search")
    search.fill("AMT_CREDIT")
    search.press("Enter")
    visit.page.wait_for_function(
        "count => document.querySelectorAll('.st-key-card-meanings tr').length < count", arg=before
    )


def test_a_client_is_compared_with_similar_ones(visit: Visit, decided: DecidedClients) -> None:
    """The client's place, spread, two values and segments are drawn, and the words say how similar clients fare."""
    visit.open(f"comparison?client={decided.decline}", wait=".st-key-card-segments .js-plotly-plot")
    visit.sees(re.compile(r"Of the 200 applicants most like this one, \d+% would be approved"))
    assert visit.page.locator(".js-plotly-plot").count() == 4


def test_filters_narrow_the_portfolio(visit: Visit) -> None:
    """Only declines: nobody is approved."""
    visit.open("portfolio", wait=".key-figures")
    visit.page.get_by_role("combobox", name="Outcome").click()
    visit.page.get_by_role("option", name="Declined").click()
    visit.page.locator("dl.key-figures .approve b", has_text=re.compile(r"^0\.0%|^–")).wait_for()
    view(visit, "Age")
    visit.sees("What the numbers say")
    visit.sees("The law protects this attribute: look at it for fairness, never decide by it.")


def test_the_portfolio_is_taken_along(visit: Visit, tmp_path: Path) -> None:
    """A report that stands alone, the data of all themes, and a figure as a picture."""
    visit.open("portfolio", wait=".key-figures")
    visit.click("Make the files")
    with visit.page.expect_download() as report:
        visit.click(re.compile("Report with figures"))
    report.value.save_as(tmp_path / "portfolio.html")
    assert "data-figure" in (tmp_path / "portfolio.html").read_text()
    with visit.page.expect_download() as data:
        visit.click(re.compile("Data and findings"))
    names = zipfile.ZipFile(io.BytesIO(Path(data.value.path()).read_bytes())).namelist()
    assert {"age-approval.csv", "history-default.csv", "findings.txt"} <= set(names)
    visit.page.goto((tmp_path / "portfolio.html").as_uri())
    with visit.page.expect_download() as picture:
        visit.page.get_by_role("button", name="Save as PNG").first.click()
    assert Path(picture.value.path()).read_bytes().startswith(b"\x89PNG")


def test_the_threshold_is_moved_by_keys(visit: Visit) -> None:
    """The figures at the chosen threshold follow the slider."""
    visit.open("portfolio", wait=".key-figures")
    view(visit, "Threshold")
    slider = visit.page.get_by_role("slider", name="Threshold in % of risk")
    figures = visit.page.locator(".st-key-card-thresholds dl.key-figures")
    visit.settled()
    before = figures.inner_text()
    for _ in range(10):
        # Again where the slider was drawn anew and took no notice, as a person would.
        slider.focus()
        for _ in range(4):
            visit.page.keyboard.press("ArrowRight")
        visit.settled()
        visit.page.wait_for_timeout(500)
        if figures.inner_text() != before:
            return
    raise AssertionError(f"the figures stayed {before}")


def test_operations_move_while_decisions_are_taken(visit: Visit, stack: RunningStack, decided: DecidedClients) -> None:
    """A decision that is taken now is counted without anybody touching the page."""
    visit.open("operations", wait=".key-figures")
    count = visit.page.locator("dl.key-figures b").first
    before = count.inner_text()
    with stack.client() as client:
        application = client.get(f"/clients/{decided.approve}").json()["application"]
        for _ in range(3):
            body = {"application_id": f"moves-{uuid.uuid4()}", "application": application}
            client.post("/v1/decisions", json=body).raise_for_status()
    visit.page.wait_for_function(
        "before => document.querySelector('dl.key-figures b').innerText !== before", arg=before, timeout=30_000
    )


def test_the_history_of_calls_is_searched_and_exported(visit: Visit, decided: DecidedClients) -> None:
    """By outcome: each row that is left is a decline, on the page and in the file."""
    visit.open("operations", wait=".st-key-card-calls table")
    visit.choose(visit.page.locator(".st-key-calls-outcome"), "Declined")
    visit.page.wait_for_function(
        "[...document.querySelectorAll('.st-key-card-calls tbody tr')].every(row => row.innerText.includes('Declined'))"
    )
    with visit.page.expect_download() as page_file:
        visit.click("Download this page (CSV)")
    rows = Path(page_file.value.path()).read_text(encoding="utf-8-sig").splitlines()[1:]
    assert rows
    assert all(",Declined," in row for row in rows)


def test_a_model_risk_officer_finds_measures_fairness_versions_and_card(visit: Visit) -> None:
    """Each view of the page shows its part."""
    visit.open("model", wait=".st-key-card-calibration .js-plotly-plot")
    visit.sees("AUC")
    view(visit, "Fairness")
    visit.page.locator(".st-key-card-fairness .js-plotly-plot").wait_for()
    view(visit, "Versions")
    visit.page.get_by_role("region", name="Versions").get_by_text("champion").wait_for()
    view(visit, "Card")
    visit.page.locator(".st-key-model-card-text h3").first.wait_for()
