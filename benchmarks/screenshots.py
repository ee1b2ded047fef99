"""Pictures of the desk's pages from a running stack, for README and docs/desk.md: `make screenshots`.

    python -m benchmarks.screenshots --home .loanstream --out docs/images

Clients are those of the stack's own tables; on synthetic ones nothing in a picture is anybody's.
"""

from __future__ import annotations

import argparse
import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import httpx

from loanstream.stack.home import Home
from loanstream.stack.surroundings import Place

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Path of a page, the pictures' name, and whether it shows a client.
PAGES: Final = (
    ("", "desk-client", True),
    ("explanation", "desk-explanation", True),
    ("comparison", "desk-comparison", True),
    ("what-if", "desk-what-if", True),
    ("review", "desk-review", False),
    ("portfolio", "desk-portfolio", False),
    ("operations", "desk-operations", False),
    ("model", "desk-model", False),
)
# One language light, one dark: both can be seen without a picture more.
LOOKS: Final[tuple[tuple[str, str, Literal["light", "dark"]], ...]] = (
    ("en", "en-GB", "light"),
    ("fr", "fr-FR", "dark"),
)
WIDTH, HEIGHT, TALL = 1366, 900, 1700
# Places and names of the portfolio's views that are taken besides the first.
VIEWS: Final = {1: "age", 9: "threshold"}
# Every chart has its lines, and nothing stands for what is yet to come.
_ALL_DRAWN: Final = """() => !document.querySelector('[data-testid="stSkeleton"]')
    && [...document.querySelectorAll('.stPlotlyChart')].every(chart => chart.querySelector('.main-svg'))"""
CHROMIUM: Final = "/usr/bin/chromium"


def main() -> None:
    """Take every picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, default=Path(".loanstream"), help="home of a running stack")
    parser.add_argument("--out", type=Path, default=Path("docs/images"), help="folder of the pictures")
    asked = parser.parse_args()
    place = Place.of(Home.at(asked.home))
    key = place.home.api_key()
    with httpx.Client(base_url=place.http, headers={"X-API-Key": key}, timeout=30.0) as api:
        client = declined_client(api)
        letters = letters_of(api, client)
    with desk_over(place.http, key) as url:
        take_all(url, client, letters, asked.out)


def declined_client(api: httpx.Client) -> int:
    """Decide clients on file until one is declined, and return that one; the last one where none is."""
    number = 0
    for number in api.get("/v1/clients", params={"limit": 100}).raise_for_status().json()["clients"]:
        application = api.get(f"/clients/{number}").raise_for_status().json()["application"]
        answer = api.post("/v1/decisions", json={"application": application}).raise_for_status().json()
        if answer["decisions"][0]["outcome"] == "decline":
            break
    return int(number)


def letters_of(api: httpx.Client, client: int) -> dict[str, str]:
    """Return the letter about a client's newest decision as HTML, by language; waits until the ledger has it."""
    while not (listed := api.get(f"/v1/clients/{client}/decisions").raise_for_status().json()["decisions"]):
        time.sleep(0.2)
    path = f"/v1/decisions/{listed[0]['decision_id']}/notice"
    return {one: api.get(path, params={"language": one}).raise_for_status().text for one, _, _ in LOOKS}


@contextmanager
def desk_over(api_url: str, key: str) -> Iterator[str]:
    """Start a desk of our own, so that nobody has to sign in, and yield its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = {"PORT": str(port), "API_URL": api_url, "API_KEY": key, "CURRENCY": "EUR", "TIME_ZONE": "Europe/Paris"}
    environment = os.environ | {f"LOANSTREAM_DESK_{name}": value for name, value in settings.items()}
    process = subprocess.Popen([sys.executable, "-m", "desk"], env=environment, stdout=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}"
        while process.poll() is None and not _answers(url):
            time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def take_all(url: str, client: int, letters: dict[str, str], out: Path) -> None:
    """Take each page in each look, views behind the first one, and the letter in each language."""
    from playwright.sync_api import sync_playwright

    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for language, locale, scheme in LOOKS:
            context = browser.new_context(
                locale=locale, color_scheme=scheme, viewport={"width": WIDTH, "height": HEIGHT}
            )
            page = context.new_page()
            for path, name, with_client in PAGES:
                page.goto(f"{url}/{path}" + (f"?client={client}" if with_client else ""))
                settle(page)
                if path == "review":
                    choose_first_review(page)
                save_small(page.screenshot(), out / f"{name}-{language}.png")
                if path == "portfolio":
                    page.set_viewport_size({"width": WIDTH, "height": TALL})
                    for place, view in VIEWS.items():
                        page.locator("[class*=st-key-portfolio-view] button").nth(place).click()
                        settle(page)
                        save_small(page.screenshot(), out / f"{name}-{view}-{language}.png")
                    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})
            page.set_viewport_size({"width": 900, "height": HEIGHT})
            page.emulate_media(color_scheme="light")
            page.set_content(letters[language], wait_until="load")
            save_small(page.screenshot(full_page=True), out / f"letter-{language}.png")
            context.close()
        browser.close()


def save_small(picture: bytes, file: Path) -> None:
    """Write a PNG of 128 colours, a third of the size and the same to the eye."""
    from PIL import Image

    drawn = Image.open(io.BytesIO(picture)).convert("RGB")
    drawn.quantize(128, dither=Image.Dither.NONE).save(file, optimize=True)
    print(f"{file}: {file.stat().st_size / 1000:.0f} kB")


def settle(page: Page) -> None:
    """Wait until all of a page is drawn, its charts too."""
    page.wait_for_selector(".page-heading h1", timeout=60_000)
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(_ALL_DRAWN, timeout=60_000)
    page.wait_for_timeout(1500)  # what is drawn still moves into its place


def choose_first_review(page: Page) -> None:
    """Open the first review of the queue, where there is one."""
    rows = page.locator("[class*=st-key-card-queue] [class*=st-key-review-] button")
    if rows.count():
        rows.first.click()
        settle(page)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/_stcore/health", timeout=2.0).is_success
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    main()
