"""The pages Client and What if of a stored decision: the application is the one that was decided, and roles hold."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from access.roles import SCOPES_OF_ROLE
from tests.fixtures.told_api import CLIENT, DECISION, RECEIPT, ToldApi, told_api

_FOUND = {
    "status": "none_within_reach", "sentence": "", "outcome": "decline", "probability_of_default": 0.137,
    "threshold": 0.1, "changes": [], "reproduced": True,
}  # fmt: skip
_WITH_APPLICATION = RECEIPT | {"application": {"AMT_CREDIT": 990_000.0, "AMT_INCOME_TOTAL": 120_000.0}}


@pytest.fixture(autouse=True)
def _main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Streamlit leaves its script as the main module, and a process that a later test spawns would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def told_decision() -> Iterator[tuple[str, ToldApi]]:
    """A declined client with another application on file than was decided."""
    with told_api() as (url, api):
        api.answers[f"/v1/decisions/{DECISION}"] = _WITH_APPLICATION
        api.answers[f"/v1/decisions/{DECISION}/counterfactual"] = _FOUND
        yield url, api


def _draw(module: str, url: str, client: int, scopes: frozenset[str], spoken: str) -> None:
    from importlib import import_module

    import httpx

    from desk.client.base import DeskApi
    from desk.parts.subject import DeskSubject, choose, chosen_subject
    from desk.session import DeskSession
    from desk.settings import DeskSettings
    from desk.signin import Person
    from desk.words.language import language_of, speak

    language = language_of(spoken, "en")
    speak(language)
    person = Person("Ada", ("adviser",), scopes, {"X-API-Key": "k"})
    with httpx.Client(base_url=url, timeout=5.0) as http:
        desk = DeskSession(DeskSettings(), person, DeskApi(http, {}), "light", language)
        if chosen_subject() is None:
            choose(DeskSubject(client))
        import_module(f"desk.pages.{module}").show(desk)


def _page(module: str, url: str, scopes: frozenset[str], language: str = "en") -> AppTest:
    page = AppTest.from_function(_draw, args=(module, url, CLIENT, scopes, language), default_timeout=30).run()
    assert not page.exception, page.exception
    return page


def _text(page: AppTest) -> str:
    return "\n".join(str(one.proto.body) if hasattr(one.proto, "body") else "" for one in _elements(page.main))


def _elements(block: object) -> Iterator[object]:
    for child in getattr(block, "children", {}).values():
        if getattr(child, "children", None):
            yield from _elements(child)
        else:
            yield child


def _asked(api: ToldApi) -> list[str]:
    return [path for path, _query in api.asked]


def test_the_application_is_the_one_that_was_decided(told_decision: tuple[str, ToldApi]) -> None:
    """Neither the file nor what would help is of another one: the decision itself is asked what would change it."""
    url, api = told_decision
    page = _page("client", url, SCOPES_OF_ROLE["adviser"])
    assert "990,000" in _text(page)
    assert "350" not in _text(page)
    assert f"/v1/decisions/{DECISION}/counterfactual" in _asked(api)
    assert "/v1/counterfactuals" not in _asked(api)
    assert not page.caption


def test_a_risk_that_is_another_today_is_said(told_decision: tuple[str, ToldApi]) -> None:
    """Where today's model gives another risk, what would help is not about the decision as it was."""
    url, api = told_decision
    api.answers[f"/v1/decisions/{DECISION}/counterfactual"] = _FOUND | {"reproduced": False}
    page = _page("client", url, SCOPES_OF_ROLE["adviser"])
    assert "another risk" in page.caption[0].value


def test_a_decision_of_before_applications_were_kept_has_the_one_on_file(told_decision: tuple[str, ToldApi]) -> None:
    """As it was; the ledger says by `reproduced` whether it still fits."""
    url, api = told_decision
    api.answers[f"/v1/decisions/{DECISION}"] = RECEIPT
    assert "350" in _text(_page("client", url, SCOPES_OF_ROLE["adviser"]))


@pytest.mark.parametrize("role", [role for role, scopes in SCOPES_OF_ROLE.items() if "read" in scopes])
def test_who_may_read_sees_the_page_without_a_refusal(told_decision: tuple[str, ToldApi], role: str) -> None:
    """Nothing is asked that the role may not ask: deciding and simulating are for those who may decide."""
    url, api = told_decision
    page = _page("client", url, SCOPES_OF_ROLE[role])
    assert not page.error
    asked = _asked(api)
    assert "/v1/decisions" not in asked
    if "decide" not in SCOPES_OF_ROLE[role]:
        assert "/v1/simulations" not in asked
        assert "/v1/counterfactuals" not in asked


def test_who_may_not_decide_is_offered_no_decision(told_decision: tuple[str, ToldApi]) -> None:
    """A client whom nobody decided yet: an adviser can, an auditor is told so."""
    url, api = told_decision
    api.answers[f"/v1/clients/{CLIENT}/decisions"] = {"decisions": [], "next": None}
    buttons = {
        role: [button.label for button in _page("client", url, SCOPES_OF_ROLE[role]).button]
        for role in ("adviser", "auditor")
    }
    assert "Decide it now" in buttons["adviser"]
    assert "Decide it now" not in buttons["auditor"]


def test_what_if_begins_with_the_application_that_was_decided(told_decision: tuple[str, ToldApi]) -> None:
    """The slider stands at the credit that was asked for, not at what is on file."""
    url, _api = told_decision
    page = _page("what_if", url, SCOPES_OF_ROLE["adviser"])
    credit = next(slider for slider in page.slider if slider.label == "Credit asked for")
    assert credit.value == 990_000.0


def test_reasons_name_their_features_in_french(told_decision: tuple[str, ToldApi]) -> None:
    """No English description is left on a French page."""
    url, api = told_decision
    reason = {
        "code": "R05", "subject": "External credit scores", "text": "Your payments are late.",
        "share": 0.5, "feature": "AMT_CREDIT", "value": 0.0, "typical": 0.0,
    }  # fmt: skip
    api.answers[f"/v1/decisions/{DECISION}"] = _WITH_APPLICATION | {"reasons": [reason]}
    page = _page("client", url, SCOPES_OF_ROLE["adviser"], "fr")
    assert 'lang="en"' not in _text(page)
    assert "Crédit demandé" in _text(page)
