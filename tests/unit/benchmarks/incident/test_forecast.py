"""Which alerts an incident should raise."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import yaml

from benchmarks.incident.forecast import BOUNDS, Alert, Figure, Forecast, forecasts, hurt
from credit.application import ApplicationBatch
from credit.decision import DecisionBatch
from credit.schema import APPLICATION_COLUMNS
from tests.fixtures import audited

RULES = Path(__file__).parents[4] / "deploy" / "prometheus" / "alert_rules.yml"


INCOME: Alert = ("FeatureDrift", "INCOME_TO_AGE")


def test_what_few_applicants_have_is_not_forecast() -> None:
    """The rule is silent below 500 values, so an alert on fewer is wrong, and around them it may fire or not."""
    by_values = {values: Forecast({INCOME: Figure(2.0, 0.1, 1.0, values)}) for values in (300, 500, 700)}
    assert [len(f.certain) for f in by_values.values()] == [0, 0, 1]
    assert [len(f.possible) for f in by_values.values()] == [0, 1, 1]


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
        features = audited.rows(len(batch), 5)
        features[:, :2] = batch.values[:, place]
        return audited.batch(features, 1)

    rest = {"NAME_CONTRACT_TYPE": "Cash loans", "AMT_CREDIT": 1e5, "DAYS_BIRTH": -15000.0}
    rows = [
        rest | {"SK_ID_CURR": 100001 + i, "AMT_INCOME_TOTAL": float(r[0]), "EXT_SOURCE_2": float(r[1])}
        for i, r in enumerate(np.nan_to_num(audited.rows(3000, 4), nan=0.5))
    ]
    quiet, worse = forecasts(audited.reference(), rows, decide, window_rows=5000)
    assert quiet.possible == set()
    assert ("FeatureMissing", "EXT_SOURCE_2") in worse.certain
    assert worse.value(("FeatureMissing", "EXT_SOURCE_2")) == pytest.approx(1 / 3 - 0.05, abs=0.01)
    assert worse.value(("FeatureDrift", "AMT_INCOME_TOTAL")) > 10 * quiet.value(("FeatureDrift", "AMT_INCOME_TOTAL"))
    assert worse.value(("FeatureDrift", "CNT_CHILDREN")) == quiet.value(("FeatureDrift", "CNT_CHILDREN"))
