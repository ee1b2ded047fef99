"""Sign-in at a real identity provider, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from tests.fixtures.desk import Visit, visiting
from tests.fixtures.identity import PASSWORD, IdentityProvider
from tests.fixtures.signing_in import OpenDesk, open_desk

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.integration, pytest.mark.browser]


@pytest.fixture(scope="module", params=["id", "access"])
def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, identity_provider: IdentityProvider
) -> Iterator[OpenDesk]:
    """A desk whose people sign in at the provider; once with each of the tokens that may go on to the API."""
    told = identity_provider.desk_environment() | {"LOANSTREAM_DESK_OIDC_TOKEN": request.param}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in identity_provider.environment().items():
            patch.setenv(name, value)
        with open_desk(tmp_path_factory.mktemp("desk"), told) as opened:
            identity_provider.allow_desk(opened.address)
            yield opened


@pytest.fixture
def tab(chromium: Browser, desk: OpenDesk) -> Iterator[Visit]:
    with visiting(chromium, desk.address) as one:
        yield one


def sign_in(tab: Visit, login: str) -> None:
    """Go to the desk, from there to the provider, and back."""
    page = tab.page
    page.goto(tab.url)
    page.get_by_role("button", name="Sign in with your bank account").click()
    page.locator("input[name=login]").fill(login)
    page.locator("button[type=submit]").first.click()
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").first.click()


def test_a_person_of_the_bank_is_known_by_name_and_role(tab: Visit) -> None:
    """The provider's name and group are the desk's name and role, also after a reload."""
    sign_in(tab, "rene")
    page = tab.page
    page.get_by_role("button", name="Rene Vogel").wait_for()
    page.get_by_role("link", name="Review", exact=True).wait_for()
    page.reload()
    page.get_by_role("button", name="Rene Vogel").click()
    page.get_by_text("reviewer", exact=True).wait_for()


def test_what_the_providers_role_does_not_include_the_api_refuses(tab: Visit) -> None:
    """An adviser of the provider gets no reviews, whatever address is typed."""
    sign_in(tab, "adele")
    page = tab.page
    page.get_by_role("button", name="Adele Vance").wait_for()
    assert page.get_by_role("link", name="Review", exact=True).count() == 0
    page.goto(f"{tab.url}/review")
    tab.sees("Your role does not include this.")


def test_signing_out_signs_out(tab: Visit) -> None:
    """After it the desk asks to sign in, also when it is opened anew."""
    sign_in(tab, "mira")
    page = tab.page
    page.get_by_role("button", name="Mira Okafor").click()
    with page.expect_response("**/auth/logout"):
        page.get_by_role("button", name="Sign out").click()
    page.wait_for_load_state()
    page.goto(tab.url)
    page.get_by_role("button", name="Sign in with your bank account").wait_for()
