"""The page Client, as an adviser meets it."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest

from tests.fixtures.desk import DecidedClients, Visit, decided_anew
from tests.fixtures.stack import RunningStack

pytestmark = [pytest.mark.integration, pytest.mark.browser]


def test_search_suggests_and_opens(visit: Visit, decided: DecidedClients) -> None:
    """While digits are typed, clients are suggested; a click shows the decision with outcome, risk and reasons."""
    visit.open()
    visit.page.get_by_label("Client number", exact=True).first.press_sequentially(str(decided.decline), delay=20)
    visit.click(str(decided.decline))
    visit.sees("Declined")
    visit.page.locator("ol.reasons > li").first.wait_for()
    visit.settled()
    assert 1 <= visit.page.locator("ol.reasons > li").count() <= 4
    assert visit.page.locator("ol.steps > li").count() >= 3
    visit.page.locator(".st-key-card-gauge .js-plotly-plot").wait_for()
    visit.sees(re.compile("Risk of default"))
    assert f"client={decided.decline}" in visit.page.url


def test_a_number_that_nobody_has(visit: Visit) -> None:
    """A number that is not on file says what to do, and letters are no number."""
    visit.open()
    search = visit.page.get_by_label("Client number", exact=True).first
    search.fill("987654321987")
    search.press("Enter")
    visit.sees(re.compile("No client on file has a number that begins with 987654321987"))
    search.fill("Smith")
    search.press("Enter")
    visit.sees("A client number has digits only.")


def test_each_outcome_has_its_word(visit: Visit, decided: DecidedClients) -> None:
    """Approve, refer and decline are said in words beside colour and symbol."""
    for client, word in ((decided.approve, "Approved"), (decided.refer, "Referred"), (decided.decline, "Declined")):
        visit.open(f"?client={client}", wait="section.outcome")
        banner = visit.page.locator("section.outcome")
        assert banner.get_by_role("heading").inner_text() == word
        assert banner.locator(".draw").count() == 1


def test_what_would_help_is_told_and_helps(visit: Visit, stack: RunningStack) -> None:
    """Somebody for whom there is a plan is told it on the page, and who follows it is approved."""
    client, plan = client_with_a_plan(stack)
    visit.open(f"?client={client}", wait=".st-key-card-changes .plan")
    card = visit.page.locator(".st-key-card-changes")
    assert card.locator(".plan > li").count() == len(plan["changes"])
    assert "Decided again with the same model and policy." in card.inner_text()
    followed = {field["field"]: field["after"] for change in plan["changes"] for field in change["fields"]}
    with stack.client() as http:
        asked = http.post("/v1/simulations", json={"sk_id_curr": client, "overrides": followed}).raise_for_status()
    (simulated,) = asked.json()["simulations"]
    assert simulated["decision"]["outcome"] == "approve"


def client_with_a_plan(stack: RunningStack) -> tuple[int, dict[str, Any]]:
    """Return a client on file whose application, as it is, would be approved with some changes, and those; decided."""
    with stack.client() as http:
        for client in http.get("/v1/clients", params={"limit": 100}).raise_for_status().json()["clients"]:
            plan = http.post("/v1/counterfactuals", json={"sk_id_curr": client}).raise_for_status().json()
            if plan["status"] == "found":
                decided_anew(stack, client)
                return int(client), plan
    raise AssertionError("no client on file has a plan")


def test_the_letter_is_read_and_downloaded(visit: Visit, decided: DecidedClients) -> None:
    """The letter stands on the page, in the language that was asked for, and comes as PDF."""
    visit.open(f"?client={decided.decline}", wait="section.outcome")
    visit.segment("Letter")
    frame = visit.page.frame_locator("iframe").first
    frame.get_by_text(re.compile("credit", re.IGNORECASE)).first.wait_for()
    with visit.page.expect_download() as download:
        visit.click("Download the letter (PDF)")
    assert download.value.path().read_bytes().startswith(b"%PDF-")


def test_the_proof_is_checked_on_the_page(visit: Visit, decided: DecidedClients) -> None:
    """Signature, path, personal part and what the page shows are checked, each in words."""
    visit.open(f"?client={decided.approve}", wait="section.outcome")
    visit.segment("Receipt and proof")
    visit.sees("Proved: this is the decision that was taken.")
    assert visit.page.locator(".proof li.holds").count() == 5
    assert visit.page.locator(".proof li.fails").count() == 0


def test_feedback_is_kept_with_the_decision(visit: Visit, stack: RunningStack, decided: DecidedClients) -> None:
    """What the adviser sends stands with the decision in the ledger."""
    visit.open(f"?client={decided.approve}", wait="section.outcome")
    visit.segment("Contest and feedback")
    visit.page.get_by_label("What you know").fill("The employer confirmed the contract by phone.")
    visit.page.get_by_label("What you know").press("Control+Enter")
    visit.click("Send the feedback")
    visit.sees("Thank you: the feedback is kept with the decision.")
    with stack.client() as client:
        listed = client.get(f"/v1/clients/{decided.approve}/decisions").json()["decisions"]
        receipt = client.get(f"/v1/decisions/{listed[0]['decision_id']}").json()
    assert "The employer confirmed the contract by phone." in [line["comment"] for line in receipt["feedback"]]


def test_a_client_decided_seconds_ago_is_seen(visit: Visit, stack: RunningStack) -> None:
    """A decision that was just taken appears by itself, and opens its client."""
    visit.open()
    with stack.client() as client:
        number = client.get("/v1/clients", params={"limit": 99}).json()["clients"][-1]
        application = client.get(f"/clients/{number}").json()["application"]
        client.post("/v1/decisions", json={"application": application, "application_id": f"now-{uuid.uuid4().hex[:8]}"})
    visit.page.locator(".st-key-card-recent button").filter(has_text="second").first.wait_for(timeout=30_000)
    visit.page.locator(".st-key-card-recent button").first.click()
    visit.page.locator("section.outcome").wait_for()


def test_an_application_is_typed_in(visit: Visit, stack: RunningStack) -> None:
    """A form checks what was typed, tries it without a trace, then decides it; the decision is the ledger's."""
    visit.open()
    visit.page.get_by_text("Type an application in", exact=True).click()
    visit.click("Try it without deciding")
    visit.sees(re.compile("Client number: fill this in"))
    number = visit.page.get_by_role("spinbutton", name="Client number *")
    number.fill("777000111")
    number.press("Tab")
    payments = visit.page.get_by_role("spinbutton", name="Yearly payments")
    payments.fill("900000")
    payments.press("Tab")
    visit.click("Try it without deciding")
    visit.sees(re.compile("they exceed the credit"))
    payments.fill("30000")
    payments.press("Tab")
    visit.click("Try it without deciding")
    visit.sees("This is a simulation")
    with stack.client() as client:
        assert client.get("/v1/clients/777000111/decisions").json()["decisions"] == []
    visit.click("Decide this application")
    visit.page.locator("section.outcome").wait_for()
    visit.page.get_by_text("This is a simulation").wait_for(state="hidden")
    assert "client=777000111" in visit.page.url
