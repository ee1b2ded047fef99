"""How soon each page of the desk answers, in a real browser over a running stack: `make bench-desk`.

    python -m benchmarks.desk_pages --home .loanstream --rounds 5

Seen: from going to an address until the page's heading can be read, and until all of it is drawn. Each round is a new
person: an empty browser and a new session, so that nothing is remembered from the round before but by the API itself.

On the page What if: from the press of a key on a slider until the risk in words has changed, measured in the browser.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx

from benchmarks.screenshots import CHROMIUM, HEIGHT, PAGES, WIDTH, declined_client, desk_over
from loanstream.stack.home import Home
from loanstream.stack.surroundings import Place

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_DRAWN: Final = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_TIMEOUT_MS: Final = 60_000
# Resolves to the milliseconds between the next press of a key and the next change of what screen readers are told.
_FROM_KEY_TO_WORDS: Final = """() => { window.fromKeyToWords = new Promise(told => {
    const words = () => document.querySelector('.unseen[role=status]')?.textContent;
    const before = words();
    document.addEventListener('keydown', () => {
        const pressed = performance.now();
        const seen = new MutationObserver(() => {
            if (words() && words() !== before) { seen.disconnect(); told(performance.now() - pressed); }
        });
        seen.observe(document.body, {subtree: true, childList: true, characterData: true});
    }, {once: true, capture: true});
}); }"""


@dataclass(frozen=True, slots=True)
class PageTimes:
    """One visit, in seconds: until the heading was there, and until everything was."""

    page: str
    heading: float
    drawn: float


def main() -> None:
    """Visit every page and print what a visit took."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".loanstream"), help="home of a running stack")
    parser.add_argument("--rounds", type=int, default=5, help="visits of each page")
    parser.add_argument("--moves", type=int, default=40, help="moves of a slider on the page What if")
    asked = parser.parse_args()
    place = Place.of(Home.at(asked.home))
    key = place.home.api_key()
    with httpx.Client(base_url=place.http, headers={"X-API-Key": key}, timeout=30.0) as api:
        client = declined_client(api)
    with desk_over(place.http, key) as url:
        visits = list(visit_all(url, client, asked.rounds))
        moves = move_a_slider(f"{url}/what-if?client={client}", asked.moves)
    print("page            heading median      worst  all drawn median      worst  (seconds)")
    for path, name, _ in PAGES:
        mine = [visit for visit in visits if visit.page == path]
        heading, drawn = [visit.heading for visit in mine], [visit.drawn for visit in mine]
        print(
            f"{name.removeprefix('desk-'):<15} {statistics.median(heading):14.2f} {max(heading):10.2f}"
            f" {statistics.median(drawn):17.2f} {max(drawn):10.2f}"
        )
    print(f"what if, from a key to the words, of {len(moves)}: ", end="")
    print(f"median {statistics.median(moves):.0f} ms, 95 % within {sorted(moves)[int(len(moves) * 0.95)]:.0f} ms")
    print(f"what_if_p50_ms={statistics.median(moves):.0f}")
    print(f"slowest_heading_s={max(visit.heading for visit in visits):.2f}")


def visit_all(url: str, client: int, rounds: int) -> Iterator[PageTimes]:
    """Yield a visit of each page for each round, and one round before them that is not counted."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for round_ in range(rounds + 1):
            for path, _, with_client in PAGES:
                took = visit_page(browser, f"{url}/{path}" + (f"?client={client}" if with_client else ""), path)
                if round_:
                    yield took
        browser.close()


def move_a_slider(address: str, moves: int) -> list[float]:
    """Return the milliseconds that each move of a slider took to change the decision in words."""
    from playwright.sync_api import sync_playwright

    took = []
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-GB")
        page.goto(address)
        page.wait_for_selector(".st-key-card-after .js-plotly-plot", timeout=_TIMEOUT_MS)
        for move in range(moves + 1):
            page.wait_for_selector(_DRAWN, timeout=_TIMEOUT_MS)
            page.get_by_role("slider", name="External score 2").focus()
            page.evaluate(_FROM_KEY_TO_WORDS)
            # From one end to the other: a step of the slider may leave the risk as it was, to the digits that are told.
            page.keyboard.press("Home" if move % 2 else "End")
            milliseconds = float(page.evaluate("() => window.fromKeyToWords"))
            if move:
                took.append(milliseconds)
        browser.close()
    return took


def visit_page(browser: Browser, address: str, path: str) -> PageTimes:
    """Open an address as a new person and return what it took."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    try:
        page = context.new_page()
        began = time.monotonic()
        page.goto(address)
        page.wait_for_selector(".page-heading h1", timeout=_TIMEOUT_MS)
        heading = time.monotonic() - began
        page.wait_for_selector(_DRAWN, timeout=_TIMEOUT_MS)
        return PageTimes(path, heading, time.monotonic() - began)
    finally:
        context.close()


if __name__ == "__main__":
    main()
