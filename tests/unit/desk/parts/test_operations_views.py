"""The key figures of the last minutes."""

from desk.client.operations import HealthRecord, SeriesRecord
from desk.parts.operations_views import SPANS, now_figures
from tests.fixtures.told import HEALTH, NOW_MS, health, series


def test_doors_are_added_up_and_the_slower_one_is_named() -> None:
    """10 by HTTP and 90 by Kafka, where 95 % take 270 ms; 3 are referred; 3 of 1,000 were dead letters."""
    figures = {one.label: one for one in now_figures(series, health)}
    assert figures["Decisions"].value == "100"
    assert (figures["95 % decided within"].value, figures["95 % decided within"].note) == (
        "270 ms",
        "the slower door, kafka",
    )
    assert figures["Referred"].value == "3.0%"
    errors = figures["Errors"]
    assert (errors.value, errors.kind, errors.note) == ("0.30%", "decline", "3 of 1,000 applications could not be read")


def test_a_monitor_that_is_away_is_not_an_error_rate_of_nothing() -> None:
    away = HealthRecord.model_validate(HEALTH | {"dead_letters": None, "lag": None, "answered": None})
    figures = {one.label: one for one in now_figures(series, away)}
    assert figures["Errors"].value == "–"
    assert figures["Waiting"].value == "–"


def test_nothing_answered_is_no_rate_of_errors() -> None:
    idle = HealthRecord.model_validate(HEALTH | {"answered": {"taken": 0, "dead_letters": 0}})
    assert {one.label: one for one in now_figures(series, idle)}["Errors"].value == "–"


def test_a_quiet_time_has_figures_too() -> None:
    quiet = SeriesRecord.model_validate({"from": NOW_MS, "to": NOW_MS + 1, "step_s": 5, "buckets": [], "totals": []})
    assert now_figures(quiet, health)[0].value == "0"


def test_a_span_has_about_sixty_buckets_and_never_more_than_the_api_counts() -> None:
    assert all(28 <= minutes * 60 / step <= 1010 for minutes, (_name, step) in SPANS.items())
