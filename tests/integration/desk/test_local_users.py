"""Sign-in with a password, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.signing_in import RunningDesk, browser, desk_process, free_pair, ledger_door, page

__all__ = ["browser", "free_pair", "page"]
pytestmark = [pytest.mark.integration, pytest.mark.browser]

NEW = "a long new secret"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, free_pair: tuple[int, int]) -> Iterator[RunningDesk]:
    """A desk whose people are local users."""
    folder: Path = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOANSTREAM_USERS_FOLDER", str(folder / "users"))
        with ledger_door(folder, free_pair[0]) as api, desk_process(folder, api, free_pair[1], {}) as running:
            yield running


def sign_in(page: Page, user: str, password: str) -> None:
    page.get_by_label("User", exact=True).fill(user)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in").click()


def first_sign_in(page: Page, desk: RunningDesk, user: str, role: str, full_name: str) -> None:
    """Make a user, sign in with the first password and choose another."""
    first = desk.users.add(user, frozenset({role}), full_name)
    page.goto(desk.address)
    sign_in(page, user, first)
    page.get_by_label("First password").fill(first)
    page.get_by_label("New password", exact=True).fill(NEW)
    page.get_by_label("New password again").fill(NEW)
    page.get_by_role("button", name="Change it and sign in").click()
    expect(page.get_by_role("button", name=full_name)).to_be_visible()


def test_a_first_sign_in_and_a_session_that_outlives_the_page(page: Page, desk: RunningDesk) -> None:
    """The first password is changed, the person is greeted, a reload finds the session, and signing out ends it."""
    first_sign_in(page, desk, "anna", "adviser", "Anna Lind")
    page.wait_for_function("fetch('/session').then(() => true)")
    kept = [cookie for cookie in page.context.cookies() if cookie["name"] == "loanstream-desk-session"]
    assert [cookie["httpOnly"] for cookie in kept] == [True]
    page.reload()
    page.get_by_role("button", name="Anna Lind").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    page.wait_for_function("document.querySelector('#desk-session')")
    page.reload()
    expect(page.get_by_label("Password", exact=True)).to_be_visible()
    assert ("user:anna", "password changed") in desk.accesses()


def test_a_wrong_password_is_said_and_the_name_stays(page: Page, desk: RunningDesk) -> None:
    """The message says what to do."""
    page.goto(desk.address)
    sign_in(page, "nobody", "a guess")
    expect(page.get_by_text("User or password is wrong")).to_be_visible()


def test_a_refused_role_is_told_by_the_api(page: Page, desk: RunningDesk) -> None:
    """An adviser is not offered the reviews, and who goes there by the address is refused by the API."""
    first_sign_in(page, desk, "ada", "adviser", "Ada Fell")
    expect(page.get_by_role("link", name="Client", exact=True)).to_be_visible()
    assert page.get_by_role("link", name="Review", exact=True).count() == 0
    page.goto(f"{desk.address}/review")
    expect(page.get_by_text("Your role does not include this")).to_be_visible()


def test_a_session_that_ends_is_said_and_a_new_one_begins(page: Page, desk: RunningDesk) -> None:
    """When an administrator ends the session, the desk says so, and the person signs in again where they were."""
    first_sign_in(page, desk, "rae", "reviewer", "Rae Moss")
    first = desk.users.new_first_password("rae")
    page.goto(f"{desk.address}/review")
    expect(page.get_by_text("Your session is over")).to_be_visible()
    sign_in(page, "rae", first)
    expect(page.get_by_label("First password")).to_be_visible()
