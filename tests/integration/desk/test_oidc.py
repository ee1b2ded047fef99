"""Sign-in at a real identity provider, in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.fixtures.identity import PASSWORD, IdentityProvider, identity_provider
from tests.fixtures.signing_in import RunningDesk, browser, desk_process, free_pair, ledger_door, page

__all__ = ["browser", "free_pair", "identity_provider", "page"]
pytestmark = [pytest.mark.integration, pytest.mark.browser]


@pytest.fixture(scope="module", params=["id", "access"])
def desk(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    free_pair: tuple[int, int],
    identity_provider: IdentityProvider,
) -> Iterator[RunningDesk]:
    """A desk whose people sign in at the provider; once with each of the tokens that may go on to the API."""
    folder: Path = tmp_path_factory.mktemp("desk")
    identity_provider.allow_desk(f"http://127.0.0.1:{free_pair[1]}")
    told = identity_provider.desk_environment() | {"LOANSTREAM_DESK_OIDC_TOKEN": request.param}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in identity_provider.environment().items():
            patch.setenv(name, value)
        with ledger_door(folder, free_pair[0]) as api, desk_process(folder, api, free_pair[1], told) as running:
            yield running


def sign_in(page: Page, desk: RunningDesk, login: str) -> None:
    """Go to the desk, from there to the provider, and back."""
    page.goto(desk.address)
    page.get_by_role("button", name="Sign in with your bank account").click()
    page.locator("input[name=login]").fill(login)
    page.locator("button[type=submit]").first.click()
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").first.click()


def test_a_person_of_the_bank_signs_in_and_is_named_in_the_log(page: Page, desk: RunningDesk) -> None:
    """The provider's name and group are the desk's name and role; what the person looks at is logged by name."""
    sign_in(page, desk, "rene")
    expect(page.get_by_role("button", name="Rene Vogel")).to_be_visible()
    expect(page.get_by_role("link", name="Review", exact=True)).to_be_visible()
    page.get_by_role("button", name="Rene Vogel").click()
    expect(page.get_by_text("reviewer", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Rene Vogel")).to_be_visible()


def test_a_role_that_the_provider_gives_not_is_refused_by_the_api(page: Page, desk: RunningDesk) -> None:
    """An adviser of the provider gets no reviews, whatever address is typed."""
    sign_in(page, desk, "adele")
    expect(page.get_by_role("button", name="Adele Vance")).to_be_visible()
    assert page.get_by_role("link", name="Review", exact=True).count() == 0
    page.goto(f"{desk.address}/review")
    expect(page.get_by_text("Your role does not include this")).to_be_visible()


def test_signing_out_signs_out(page: Page, desk: RunningDesk) -> None:
    """After it the desk asks to sign in, also when it is opened anew."""
    sign_in(page, desk, "mira")
    page.get_by_role("button", name="Mira Okafor").click()
    with page.expect_response("**/auth/logout"):
        page.get_by_role("button", name="Sign out").click()
    page.goto(desk.address)
    expect(page.get_by_role("button", name="Sign in with your bank account")).to_be_visible()
