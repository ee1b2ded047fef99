"""Sign-in with a password, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.axe import serious_findings
from tests.fixtures.desk import Visit, visiting
from tests.fixtures.signing_in import OpenDesk, open_desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Response

pytestmark = [pytest.mark.integration, pytest.mark.browser]

NEW = "a long new secret"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDesk]:
    """A desk whose people are local users."""
    folder = tmp_path_factory.mktemp("desk")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOANSTREAM_USERS_FOLDER", str(folder / "users"))
        with open_desk(folder, {}) as opened:
            yield opened


@pytest.fixture
def tab(chromium: Browser, desk: OpenDesk) -> Iterator[Visit]:
    with visiting(chromium, desk.address) as one:
        yield one


def sign_in(tab: Visit, user: str, password: str) -> None:
    tab.page.get_by_label("User", exact=True).fill(user)
    tab.page.get_by_label("Password", exact=True).fill(password)
    tab.page.get_by_role("button", name="Sign in").click()


def sets_the_cookie(answer: Response) -> bool:
    return answer.url.endswith("/session")


def choose_password(tab: Visit, first: str, new: str) -> None:
    """Change a first password, and wait until the browser holds the session."""
    page = tab.page
    page.get_by_label("First password").fill(first)
    page.get_by_label("New password", exact=True).fill(new)
    page.get_by_label("New password again").fill(new)
    with page.expect_response(sets_the_cookie) as kept:
        page.get_by_role("button", name="Change it and sign in").click()
    assert kept.value.status == 204


def first_sign_in(tab: Visit, desk: OpenDesk, user: str, role: str, full_name: str) -> None:
    """Make a user, sign in with the first password and choose another."""
    first = desk.users.add(user, frozenset({role}), full_name)
    tab.page.goto(desk.address)
    sign_in(tab, user, first)
    choose_password(tab, first, NEW)
    tab.page.get_by_role("button", name=full_name).wait_for()


def test_a_session_from_the_first_sign_in_to_its_end(tab: Visit, desk: OpenDesk) -> None:
    """The first password is changed, a reload finds the session in a cookie no script reads, signing out ends it."""
    first_sign_in(tab, desk, "anna", "adviser", "Anna Lind")
    page = tab.page
    kept = [cookie for cookie in page.context.cookies() if cookie["name"] == "loanstream-desk-session"]
    assert [cookie["httpOnly"] for cookie in kept] == [True]
    page.reload()
    page.get_by_role("button", name="Anna Lind").click()
    with page.expect_response(sets_the_cookie):
        page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Password", exact=True).wait_for()
    page.reload()
    page.get_by_label("Password", exact=True).wait_for()
    assert ("user:anna", "password changed") in desk.accesses()


def test_a_wrong_password_is_said(tab: Visit, desk: OpenDesk) -> None:
    """The message says what to do, and nobody is in."""
    tab.page.goto(desk.address)
    sign_in(tab, "nobody", "a guess")
    tab.sees("User or password is wrong. Try again")
    assert serious_findings(tab.page) == []
    assert ("user:nobody", "sign-in refused") in desk.accesses()


def test_what_a_role_does_not_include_the_api_refuses(tab: Visit, desk: OpenDesk) -> None:
    """An adviser is not offered the reviews; who goes there by the address is refused by the API, and told so."""
    first_sign_in(tab, desk, "ada", "adviser", "Ada Fell")
    page = tab.page
    page.get_by_role("link", name="Client", exact=True).wait_for()
    assert page.get_by_role("link", name="Review", exact=True).count() == 0
    page.goto(f"{desk.address}/review")
    tab.sees("Your role does not include this.")


def test_a_session_that_is_over_is_said_and_begun_anew(tab: Visit, desk: OpenDesk) -> None:
    """When an administrator ends the session, the desk says so in its place, and the person signs in again there."""
    first_sign_in(tab, desk, "rae", "reviewer", "Rae Moss")
    first = desk.users.new_first_password("rae")
    tab.page.goto(f"{desk.address}/review")
    tab.sees("Your session is over.")
    sign_in(tab, "rae", first)
    choose_password(tab, first, "quite another secret")
    tab.page.get_by_role("button", name="Rae Moss").wait_for()
