"""The frame of every page: language and theme are a person's own choice, and a keyboard is enough."""

from __future__ import annotations

import re

import pytest

from tests.fixtures.desk import Visit

pytestmark = [pytest.mark.integration, pytest.mark.browser]


def ground(visit: Visit) -> str:
    """The colour that is really behind the page."""
    found: str = visit.page.evaluate("getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor")
    return found


def test_a_person_chooses_the_language(visit: Visit) -> None:
    """All of the page changes, the document says so, and the choice is kept for the next visit."""
    visit.open()
    visit.page.locator(".st-key-desk-language").get_by_role("combobox").click()
    visit.page.get_by_role("option", name="Français").click()
    visit.sees("Trouver un client")
    visit.page.wait_for_function("document.documentElement.lang === 'fr'")
    visit.open()
    visit.sees("Trouver un client")
    assert visit.page.evaluate("document.documentElement.lang") == "fr"


def test_a_person_chooses_the_theme(visit: Visit) -> None:
    """Ground and widgets change without losing what was typed, and the choice is kept."""
    visit.open()
    light = ground(visit)
    visit.page.get_by_label("Client number", exact=True).first.fill("10")
    visit.sees(re.compile("[0-9] clients"))  # what was typed has arrived
    visit.click("Dark")
    visit.page.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    visit.page.wait_for_function(
        "light => getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor !== light", arg=light
    )
    assert visit.page.get_by_label("Client number", exact=True).first.input_value() == "10"
    visit.open()
    assert visit.page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert ground(visit) != light


def test_a_keyboard_is_enough(visit: Visit) -> None:
    """From the top of the page to a client's decision without a mouse, and the focus is always to be seen."""
    visit.open()
    page = visit.page
    search = page.get_by_label("Client number", exact=True).first
    for _ in range(60):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            "(() => { const s = getComputedStyle(document.activeElement);"
            " return document.activeElement === document.body || s.outlineStyle !== 'none' || s.boxShadow !== 'none'"
            " || !!document.activeElement.closest('[data-baseweb],[data-focused],.stTextInput,.stSelectbox'); })()"
        )
        assert seen, page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if search.evaluate("field => field === document.activeElement"):
            break
    assert search.evaluate("field => field === document.activeElement")
    page.keyboard.type("1")
    suggestion = page.locator(".st-key-suggestions button").first
    suggestion.wait_for(state="visible")
    for _ in range(10):
        page.keyboard.press("Tab")
        if suggestion.evaluate("button => button === document.activeElement"):
            break
    page.keyboard.press("Enter")
    visit.sees("Another client")
