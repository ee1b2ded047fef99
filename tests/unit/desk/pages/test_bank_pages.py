"""The pages Explanation, Comparison, Portfolio, Operations and Model, drawn over an API that is served over HTTP."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from tests.fixtures.told_api import CLIENT, ToldApi, told_api


@pytest.fixture(autouse=True)
def _main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit leaves its script as the main module, and a process that a later test spawns would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def told_bank() -> Iterator[tuple[str, ToldApi]]:
    with told_api() as running:
        yield running


def _draw(module: str, url: str, client: int) -> None:
    from importlib import import_module

    import httpx

    from desk.client.base import DeskApi
    from desk.parts.subject import DeskSubject, choose, chosen_subject
    from desk.session import DeskSession
    from desk.settings import DeskSettings
    from desk.signin import Person
    from desk.words import current_language

    person = Person("Ada", ("admin",), frozenset({"admin"}), {"X-API-Key": "k"})
    with httpx.Client(base_url=url, timeout=5.0) as http:
        desk = DeskSession(DeskSettings(), person, DeskApi(http, {}), "light", current_language())
        if chosen_subject() is None:
            choose(DeskSubject(client))
        import_module(f"desk.pages.{module}").show(desk)


def _page(module: str, url: str) -> AppTest:
    page = AppTest.from_function(_draw, args=(module, url, CLIENT), default_timeout=30).run()
    assert not page.exception, page.exception
    return page


def _text(page: AppTest) -> str:
    """All HTML and text that a page shows."""
    return "\n".join(str(one.proto.body) if hasattr(one.proto, "body") else "" for one in _elements(page.main))


def _elements(block: object) -> Iterator[object]:
    for child in getattr(block, "children", {}).values():
        if getattr(child, "children", None):
            yield from _elements(child)
        else:
            yield child


def test_explanation_shows_the_decision_that_was_taken(told_bank: tuple[str, ToldApi]) -> None:
    """Contributions come from the receipt, not from a model that is asked again."""
    url, api = told_bank
    page = _page("explanation", url)
    assert "What made this decision" in _text(page)
    asked = [path for path, _query in api.asked]
    assert any(path.startswith("/v1/decisions/") for path in asked)
    assert "/v1/simulations" not in asked


@pytest.mark.parametrize("view", ["global", "feature", "meanings"])
def test_explanation_has_the_model_in_general_too(told_bank: tuple[str, ToldApi], view: str) -> None:
    page = _page("explanation", told_bank[0])
    page.session_state["explained-view"] = view
    page.run()
    assert not page.exception
    heading = {"global": "How values move decisions", "feature": "One feature", "meanings": "What each feature means"}
    assert f"<h2>{heading[view]}</h2>" in _text(page)


def test_what_features_mean_is_searched(told_bank: tuple[str, ToldApi]) -> None:
    page = _page("explanation", told_bank[0])
    page.session_state["explained-view"] = "meanings"
    page.run()
    assert "EXT_SOURCE_2 as it is" in _text(page)
    page.text_input(key="meanings-search").input("amt_credit").run()
    assert "EXT_SOURCE_2 as it is" not in _text(page)
    assert "AMT_CREDIT as it is" in _text(page)


def test_comparison_tells_how_the_nearest_fare_and_offers_no_protected_value(told_bank: tuple[str, ToldApi]) -> None:
    page = _page("comparison", told_bank[0])
    assert "Of the 2 applicants most like this one, 50% would be approved. 50.0% of them defaulted." in _text(page)
    assert "Gender" not in page.selectbox(key="spread-column").options


def test_portfolio_filters_reach_the_api_and_findings_are_sentences(told_bank: tuple[str, ToldApi]) -> None:
    url, api = told_bank
    page = _page("portfolio", url)
    page.selectbox(key="filter-family").select("Married")
    page.selectbox(key="filter-outcome").select("decline")
    page.session_state["portfolio-view"] = "age"
    page.run()
    assert not page.exception
    assert api.queries("/v1/portfolio/themes/age")[-1] == {
        "source": "decisions",
        "family": "Married",
        "outcome": "decline",
    }
    said = _text(page)
    assert "Approvals differ: 90.0% for 65 and more years against 50.0% for 18 to 25 years (+40 points)." in said
    assert "Defaults fall from band to band" in said
    assert "no rule may be built on it" in said


def test_the_threshold_moves_the_figures_and_asks_without_an_outcome(told_bank: tuple[str, ToldApi]) -> None:
    url, api = told_bank
    page = _page("portfolio", url)
    page.selectbox(key="filter-outcome").select("decline")
    page.session_state["portfolio-view"] = "thresholds"
    page.run()
    page.slider(key="threshold").set_value(5.0).run()
    assert not page.exception
    assert "<b>500</b><small>today 420</small>" in _text(page)
    assert "outcome" not in api.queries("/v1/portfolio/thresholds")[-1]


def test_the_export_asks_for_all_eight_themes(told_bank: tuple[str, ToldApi]) -> None:
    url, api = told_bank
    page = _page("portfolio", url)
    page.button(key="export-make").click().run()
    assert not page.exception
    assert sum(path.startswith("/v1/portfolio/themes/") for path, _query in api.asked) == 8


def test_operations_ask_again_when_they_are_drawn_again(told_bank: tuple[str, ToldApi]) -> None:
    """Nothing of what moves is remembered."""
    url, api = told_bank
    page = _page("operations", url)
    assert "3 of 1,000 applications could not be read" in _text(page)
    api.answers["/v1/operations/health"] = api.answers["/v1/operations/health"] | {
        "answered": {"taken": 2000, "dead_letters": 7}
    }
    page.run()
    assert "7 of 2,000 applications could not be read" in _text(page)


def test_the_history_of_calls_is_searched(told_bank: tuple[str, ToldApi]) -> None:
    url, api = told_bank
    page = _page("operations", url)
    page.text_input(key="calls-client").input("100001")
    page.selectbox(key="calls-outcome").select("decline")
    page.run()
    assert not page.exception
    query = api.queries("/v1/decisions")[-1]
    assert (query["client"], query["outcome"]) == ("100001", "decline")


def test_what_cannot_be_searched_for_is_said_beside_its_field(told_bank: tuple[str, ToldApi]) -> None:
    """Letters are no client and R1 no reason: nothing is asked."""
    url, api = told_bank
    page = _page("operations", url)
    before = len(api.queries("/v1/decisions"))
    page.text_input(key="calls-client").input("Smith")
    page.text_input(key="calls-reason").input("R1")
    page.run()
    said = [one.value for one in page.error]
    assert said == ["A client number has digits only.", "A reason's code is R and two digits."]
    assert len(api.queries("/v1/decisions")) == before


def test_operations_without_a_monitor_say_so(told_bank: tuple[str, ToldApi]) -> None:
    url, api = told_bank
    away = dict.fromkeys(("monitor", "completeness", "lag", "dead_letters", "unreadable", "drift"))
    api.answers["/v1/operations/health"] = api.answers["/v1/operations/health"] | away
    page = _page("operations", url)
    assert "The monitor does not answer." in "\n".join(one.value for one in page.markdown)


@pytest.mark.parametrize("view", ["measures", "fairness", "versions", "card"])
def test_the_model_s_views_are_drawn(told_bank: tuple[str, ToldApi], view: str) -> None:
    page = _page("model", told_bank[0])
    page.session_state["model-view"] = view
    page.run()
    assert not page.exception
    assert "version 7" in _text(page)
