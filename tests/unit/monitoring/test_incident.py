"""What an incident expects, sees and concludes; the incident itself needs a stack of its own (`make incident`)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml

from benchmarks.incident.evidence import newest_report, not_shown, read_page
from benchmarks.incident.forecast import BOUNDS, Alert, Figure, Forecast, forecasts, hurt
from benchmarks.incident.own_stack import Windows, _clear
from benchmarks.incident.prometheus import Prometheus, Watch
from benchmarks.incident.verdict import expected_of, verdict
from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.errors import SettingsError
from credit.schema import APPLICATION_COLUMNS
from monitoring.door.page import render
from monitoring.outcomes.evaluation import OutcomeEvaluation
from monitoring.settings import MonitorSettings
from monitoring.windows.overview import overview_of
from monitoring.windows.panes import PartitionState
from tests.unit.monitoring import made

RULES = Path(__file__).parents[3] / "deploy" / "prometheus" / "alert_rules.yml"
KNOWN: Alert = ("FeatureDrift", "AMT_REQ_CREDIT_BUREAU_MON")
INCOME: Alert = ("FeatureDrift", "INCOME_TO_AGE")
GONE: Alert = ("FeatureMissing", "EXT_SOURCE_2")
EDGE: Alert = ("FeatureDrift", "ANNUITY_TO_INCOME")


def forecast(**shares: float) -> Forecast:
    """Return figures at these shares of their bounds, which windows of 5,000 stray from by a tenth of the bound."""
    alerts = {"known": KNOWN, "income": INCOME, "gone": GONE, "edge": EDGE}
    return Forecast({alerts[name]: Figure(share, 0.1, 1.0, 5000) for name, share in shares.items()})


QUIET = forecast(known=1.4, income=0.1, gone=0.0, edge=0.1)
WORSE = forecast(known=1.4, income=1.5, gone=3.3, edge=0.95)


def test_what_few_applicants_have_is_not_forecast() -> None:
    """The rule is silent below 500 values, so an alert on fewer is wrong, and around them it may fire or not."""
    by_values = {values: Forecast({INCOME: Figure(2.0, 0.1, 1.0, values)}) for values in (300, 500, 700)}
    assert [len(f.certain) for f in by_values.values()] == [0, 0, 1]
    assert [len(f.possible) for f in by_values.values()] == [0, 1, 1]


def test_all_as_it_should_be() -> None:
    """Expected alerts fire and recover, one on the edge may fire, a known difference may fire all along."""
    result = verdict(QUIET, WORSE, {KNOWN}, {KNOWN, INCOME, GONE, EDGE}, {KNOWN})
    assert expected_of(QUIET, WORSE) == {INCOME, GONE}
    assert result.good
    assert result.line() == "expected=2 fired=2 unexpected=0 unresolved=0"


def test_each_fault_is_counted() -> None:
    """A missing alert, a wrong one and one that stays are each told."""
    result = verdict(QUIET, WORSE, {KNOWN}, {KNOWN, GONE, ("FeatureDrift", "AMT_CREDIT")}, {KNOWN, ("NoDecisions", "")})
    assert not result.good
    assert result.line() == "expected=2 fired=1 unexpected=1 unresolved=1"


def test_a_wrong_alert_before_the_incident_is_wrong_too() -> None:
    """What fires on the quiet stream without the data's warrant is unexpected, though it fired before."""
    result = verdict(QUIET, WORSE, {KNOWN, ("TargetDown", "")}, {KNOWN, INCOME, GONE}, set())
    assert result.line() == "expected=2 fired=2 unexpected=1 unresolved=0"


def test_an_alert_that_fired_already_proves_nothing() -> None:
    """An expected alert must be new: one that fired before the incident is wrong there and does not count."""
    result = verdict(QUIET, WORSE, {KNOWN, INCOME, GONE}, {INCOME, GONE}, set())
    assert result.line() == "expected=2 fired=0 unexpected=2 unresolved=0"


def test_a_known_difference_without_its_alert_is_a_fault() -> None:
    """Where the table differs from training and no alert says so, the incident has failed."""
    result = verdict(QUIET, WORSE, set(), {INCOME, GONE}, set())
    assert not result.good
    assert "AMT_REQ_CREDIT_BUREAU_MON did not fire" in result.faults[0]


def test_the_hurt_is_as_told() -> None:
    """A third of the applications lose EXT_SOURCE_2, all incomes grow by 1.3, the table's rows stay as they are."""
    row = {"SK_ID_CURR": 1, "AMT_INCOME_TOTAL": 100.0, "EXT_SOURCE_2": 0.5}
    worse = [hurt(row, number) for number in range(9)]
    assert sum("EXT_SOURCE_2" not in w for w in worse) == 3
    assert {w["AMT_INCOME_TOTAL"] for w in worse} == {130.0}
    assert row == {"SK_ID_CURR": 1, "AMT_INCOME_TOTAL": 100.0, "EXT_SOURCE_2": 0.5}


def test_bounds_are_those_of_the_rules() -> None:
    """Every bound that the forecast reads stands in that alert's rule."""
    rules = {r["alert"]: r["expr"] for g in yaml.safe_load(RULES.read_text())["groups"] for r in g["rules"]}
    for alert, bound in BOUNDS.items():
        scale = 1 if alert not in ("FeatureMissing", "UnknownCategories") else 100
        assert float(re.search(r"> ([0-9.]+)", rules[alert])[1]) == pytest.approx(bound * scale)  # type: ignore[index]


def test_the_forecast_is_of_the_same_rows() -> None:
    """Rows like the reference's raise nothing; hurt, a third loses its score, incomes drift, and all else stays."""
    place = [[c.name for c in APPLICATION_COLUMNS].index(name) for name in ("AMT_INCOME_TOTAL", "EXT_SOURCE_2")]

    def decide(batch: ApplicationBatch) -> DecisionBatch:
        features = made.rows(len(batch), 5)
        features[:, :2] = batch.values[:, place]
        return made.batch(features, 1)

    rest = {"NAME_CONTRACT_TYPE": "Cash loans", "AMT_CREDIT": 1e5, "DAYS_BIRTH": -15000.0}
    rows = [
        rest | {"SK_ID_CURR": 100001 + i, "AMT_INCOME_TOTAL": float(r[0]), "EXT_SOURCE_2": float(r[1])}
        for i, r in enumerate(np.nan_to_num(made.rows(3000, 4), nan=0.5))
    ]
    quiet, worse = forecasts(made.reference(), rows, decide, window_rows=5000)
    assert quiet.possible == set()
    assert ("FeatureMissing", "EXT_SOURCE_2") in worse.certain
    assert worse.value(("FeatureMissing", "EXT_SOURCE_2")) == pytest.approx(1 / 3 - 0.05, abs=0.01)
    assert worse.value(("FeatureDrift", "AMT_INCOME_TOTAL")) > 10 * quiet.value(("FeatureDrift", "AMT_INCOME_TOTAL"))
    assert worse.value(("FeatureDrift", "CNT_CHILDREN")) == quiet.value(("FeatureDrift", "CNT_CHILDREN"))


def test_the_page_is_read_as_it_is_written() -> None:
    """What the status page marks as bad is found with its value, and nothing else is."""
    from monitoring.windows.layout import DecisionRows, PaneLayout

    reference = made.reference()
    features = made.rows(2000, 7)
    features[:, 0] *= 3.0
    features[::2, 1] = np.nan
    n = len(features)
    probability = made.probabilities(features)
    codes = np.zeros(n, dtype=np.int8)
    rows = DecisionRows(
        features, probability, made.POLICY.outcomes(probability), codes, codes, np.full((n, 4), -1, np.int16)
    )
    state = PartitionState()
    state.newest_ms = made.START_MS
    layout = PaneLayout(reference)
    from monitoring.windows.panes import VersionPanes

    book = state.versions["1"] = VersionPanes(reference.identity, layout.cells)
    for pane_ms in made.SMALL.rings():
        book.add(pane_ms, made.START_MS // pane_ms, layout.count(rows))
    overview = overview_of([state], made.SMALL, {"1": reference})
    found = read_page(render(overview, OutcomeEvaluation()))
    assert set(found) == {("FeatureDrift", "AMT_INCOME_TOTAL"), ("FeatureMissing", "EXT_SOURCE_2")}
    assert found["FeatureDrift", "AMT_INCOME_TOTAL"] > 0.25
    assert found["FeatureMissing", "EXT_SOURCE_2"] == pytest.approx(0.475, abs=0.02)


def test_what_does_not_stand_out_is_told() -> None:
    """An expected feature that a place does not show, or shows too small, is one sentence."""
    said = not_shown({INCOME, GONE, ("ScoreDrift", "")}, "on the page", {INCOME: 0.4, GONE: 0.01})
    assert said == ["FeatureMissing EXT_SOURCE_2 does not show on the page"]


def test_only_a_report_begun_since_counts(tmp_path: Path) -> None:
    """A report that was begun before the windows were hurt proves nothing."""
    assert newest_report(tmp_path, 0) is None
    (tmp_path / "drift-20260101T000000-v1.json").write_text("{}")
    (tmp_path / "drift-20260101T000100-v1.json").write_text("{}")
    assert newest_report(tmp_path, 1767225600 + 30) == tmp_path / "drift-20260101T000100-v1.json"
    assert newest_report(tmp_path, 1767225600 + 90) is None


def test_the_watch_notes_when_an_alert_came_and_went() -> None:
    """First pending, first firing and the end are kept; a call without an answer changes nothing."""
    answers: list[Any] = [
        {"alerts": [{"labels": {"alertname": "FeatureDrift", "feature": "X"}, "state": "pending"}]},
        None,
        {"alerts": [{"labels": {"alertname": "FeatureDrift", "feature": "X"}, "state": "firing"}]},
        {"alerts": []},
    ]

    class Told(Prometheus):
        def ask(self, path: str, **parameters: str) -> Any:
            return answers.pop(0)

    watch = Watch(Told(1))
    seen = []
    while answers:
        watch.look()
        seen.append((len(watch.act.pending), len(watch.firing), len(watch.act.resolved)))
    assert seen == [(1, 0, 0), (1, 0, 0), (1, 1, 0), (1, 0, 1)]


def test_the_windows_are_settings_that_the_monitor_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The short windows reach the monitor's plan."""
    for name, value in Windows(90, 180).environment().items():
        monkeypatch.setenv(name, value)
    plan = MonitorSettings().plan()
    assert [w.length_s for w in plan.windows[:2]] == [90, 180]


def test_a_home_in_use_is_left_alone(tmp_path: Path) -> None:
    """Only a home that an incident made loses its streams, and keeps its model; any other folder is refused."""
    (tmp_path / "used" / "kafka").mkdir(parents=True)
    with pytest.raises(SettingsError, match="not made by an incident"):
        _clear(tmp_path / "used")
    assert (tmp_path / "used" / "kafka").is_dir()
    _clear(tmp_path / "new")
    for name in ("kafka", "mlruns"):
        (tmp_path / "new" / name).mkdir()
    _clear(tmp_path / "new")
    assert [(tmp_path / "new" / name).is_dir() for name in ("kafka", "mlruns")] == [False, True]
