"""The status page, in a real browser."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures.monitor_process import RunningMonitor, SendRecords, audit_records_of, write_model

pytestmark = pytest.mark.integration


def browser() -> Any:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("chromium and chromium-driver are not installed")
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--window-size=1280,1600",
        "--disable-dev-shm-usage",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))


def test_the_status_page_in_a_browser(
    monitor_env: dict[str, str],
    start_monitor: Callable[[], RunningMonitor],
    send_records: SendRecords,
) -> None:
    """The page shows windows, the drifted feature on top and a report that opens; nothing comes from elsewhere."""
    from selenium.webdriver.common.by import By

    write_model(Path(monitor_env["LOANSTREAM_MONITOR_HOME"]) / "references" / "version-1")
    running = start_monitor()
    chrome = browser()
    try:
        running.until(lambda: "No decision seen yet" in running.get("/"))
        send_records(monitor_env["LOANSTREAM_MONITOR_AUDIT_TOPIC"], audit_records_of(0, 20, drift=2.0))
        running.until(lambda: "drift-2" in running.get("/"), 150)
        chrome.get(f"http://127.0.0.1:{running.port}/")
        assert chrome.title == "Loanstream monitor"
        first = chrome.find_element(By.CSS_SELECTOR, "#drift tbody tr")
        assert first.get_attribute("data-feature") == "AMT_INCOME_TOTAL"
        assert first.find_element(By.CSS_SELECTOR, "td.bad").is_displayed()
        rows = chrome.find_elements(By.CSS_SELECTOR, "#windows tbody tr")
        assert [row.get_attribute("data-window") for row in rows] == ["short", "medium", "long"]
        assert rows[0].find_elements(By.TAG_NAME, "td")[1].text == "1000"
        loaded = chrome.execute_script("return performance.getEntriesByType('resource').map(e => e.name)")
        assert [name for name in loaded if "127.0.0.1" not in name] == []
        shot = os.environ.get("LOANSTREAM_SCREENSHOTS")
        if shot:
            chrome.save_screenshot(str(Path(shot) / "monitor.png"))
        chrome.find_element(By.CSS_SELECTOR, "#reports a").click()
        running.until(lambda: "AMT_INCOME_TOTAL" in chrome.page_source, 30)
        errors = [entry for entry in chrome.get_log("browser") if "favicon" not in entry["message"]]
        assert [e for e in errors if e["level"] == "SEVERE" and "127.0.0.1" in e["message"]] == []
    finally:
        chrome.quit()
