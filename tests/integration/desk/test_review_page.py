"""The page Review: from the queue to a verdict, with a second person where the amount asks for one."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.desk import Visit, decided_anew, running_desk, visiting
from tests.fixtures.stack import RunningStack

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.integration, pytest.mark.browser]


def contested(stack: RunningStack, credit: float) -> str:
    """Decide an application, contest it, and return the review's id."""
    number = decided_anew(stack, AMT_CREDIT=credit)
    with stack.client() as client:
        statement = {"statement": "My income has risen."}
        answer = client.post(f"/v1/decisions/{number}/contest", json=statement).raise_for_status()
        review_id: str = answer.json()["review_id"]
        return review_id


def open_review(visit: Visit, review_id: str, state: str) -> None:
    """Find a review in the queue by its state and cause, on whatever page it stands, and open it."""
    visit.open("review", wait=".st-key-card-queue")
    visit.segment(state)
    visit.choose(visit.page.locator(".st-key-queue-cause"), "the applicant contests")
    entry, more = visit.page.locator(f".st-key-review-{review_id} button"), visit.page.locator(".st-key-queue-more")
    while True:
        visit.page.get_by_text(re.compile(r"\d+ reviews? here")).wait_for()
        visit.settled()
        if entry.count() or not more.count():
            break
        more.get_by_role("button").click()
    entry.click()
    visit.page.locator(".st-key-card-work").wait_for()


def decide(visit: Visit, verdict: str, reason: str) -> None:
    """Choose a verdict, then one of its reasons, and decide."""
    visit.settled()
    visit.page.get_by_text(f"{verdict.capitalize()} →").click()
    # A list of its own for each verdict, which is there once the page has been drawn with it.
    visit.choose(visit.page.locator(f"[class*=st-key-reason-][class*=-{verdict}]"), reason)
    visit.click("Decide")


@pytest.fixture(scope="module")
def second_url(stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A desk at which a second person sits."""
    made = stack.command("keys", "add", f"second-{uuid.uuid4().hex[:6]}", "--scope", "read", "--scope", "review")
    assert made.returncode == 0, made.stdout + made.stderr
    key = made.stdout.split()[-1]
    with running_desk(stack.place.http, key, tmp_path_factory.mktemp("second") / "desk.log") as url:
        yield url


def test_a_review_from_queue_to_verdict(visit: Visit, stack: RunningStack) -> None:
    """Taken, commented, a file attached, overturned with a reason; the ledger's final outcome is the person's."""
    review_id = contested(stack, 300_000.0)
    open_review(visit, review_id, "open")
    visit.click("Take it")
    visit.sees("It is yours.")
    visit.settled()
    visit.page.get_by_text("Comment or attach a file").click()
    visit.page.get_by_label("Comment", exact=True).fill("Payslips seen at the counter.")
    visit.page.get_by_label("Comment", exact=True).press("Control+Enter")
    visit.click("Add the comment")
    visit.sees("Payslips seen at the counter.")
    visit.settled()
    visit.page.locator("input[type=file]").set_input_files(
        {"name": "payslip.txt", "mimeType": "text/plain", "buffer": b"net 2,400"}
    )
    visit.click("Attach payslip.txt")
    visit.sees("The file is attached.")
    visit.page.locator(".st-key-card-events").get_by_text("payslip.txt").wait_for()
    decide(visit, "overturn", "Documents show income")
    visit.sees("This review is closed by home.")
    with stack.client() as client:
        review = client.get(f"/v1/reviews/{review_id}").json()
    assert (review["state"], review["verdict"], review["reason"]) == ("closed", "overturn", "documents_shown")
    visit.open(f"?decision={review['decision_id']}", wait="section.outcome")
    visit.sees(re.compile("A person decided otherwise since"))


def test_four_eyes(visit: Visit, chromium: Browser, second_url: str, stack: RunningStack) -> None:
    """Above the bank's amount a verdict waits for another person: its author cannot confirm it, the other can."""
    review_id = contested(stack, 1_500_000.0)
    open_review(visit, review_id, "open")
    visit.click("Take it")
    visit.sees("It is yours.")
    decide(visit, "uphold", "The file was read again")
    visit.sees("Four eyes: a second person has to confirm what you proposed.")
    assert visit.page.get_by_role("button", name="Confirm").count() == 0
    with visiting(chromium, second_url) as second:
        open_review(second, review_id, "proposed")
        second.sees(re.compile("home proposes: "))
        second.click("Confirm")
        second.sees(re.compile("This review is closed by second-"))


def test_the_proof_stands_on_the_review(visit: Visit, stack: RunningStack) -> None:
    """Whoever reviews sees that the decision shown is the one that was taken."""
    review_id = contested(stack, 200_000.0)
    open_review(visit, review_id, "open")
    visit.sees("Proved: this is the decision that was taken.")


def test_a_review_that_somebody_else_took(
    visit: Visit, chromium: Browser, second_url: str, stack: RunningStack
) -> None:
    """Two people want the same review: the slower one is told, and sees who has it after loading again."""
    review_id = contested(stack, 250_000.0)
    open_review(visit, review_id, "open")
    with visiting(chromium, second_url) as second:
        open_review(second, review_id, "open")
        second.click("Take it")
        second.sees("It is yours.")
    visit.click("Take it")
    visit.sees("Somebody else has changed this meanwhile.")
    visit.click("Try again")
    visit.sees(re.compile("second-.* has it"))
