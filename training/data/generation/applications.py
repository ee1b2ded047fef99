"""Synthetic applications, and the latent risk that the history tables are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from credit.schema import APPLICATION_COLUMNS
from training.data.generation.building import draw_building
from training.data.generation.draws import Array, Columns, TextColumn, blank, choose, draw_texts, grid, logistic
from training.data.generation.household import draw_employment, draw_household, draw_places

NEVER = 365243
_INTERCEPT = -3.05


@dataclass(frozen=True)
class DrawnClients:
    """A chunk of clients: what all their tables depend on."""

    ids: Array
    risk: Array  # the latent risk, standard normal
    income: Array
    age_days: Array
    target: Array
    columns: Columns


def draw_clients(rng: np.random.Generator, ids: Array) -> DrawnClients:
    """Draw applications for these client ids with a default rate near 8 %."""
    n = len(ids)
    risk = rng.normal(size=n)
    age_days = np.clip(rng.normal(44 - 1.8 * risk, 11.5, n), 20.6, 69.0) * 365.25
    age = age_days / 365.25
    c: Columns = {}
    c["NAME_CONTRACT_TYPE"] = draw_texts(rng, n, {"Cash loans": 0.905, "Revolving loans": 0.095})
    male = rng.random(n) < logistic(-0.72 + 0.25 * risk)
    gender = np.where(male, 1, 0)
    gender[rng.random(n) < 0.00002] = 2
    c["CODE_GENDER"] = TextColumn(gender, ("F", "M", "XNA"))
    pensioner = rng.random(n) < logistic((age - 59.5) * 0.45)
    income_type = draw_texts(
        rng,
        n,
        {"Working": 0.635, "Commercial associate": 0.285, "State servant": 0.0785, "Student": 0.0005, "Pensioner": 0.0},
    )
    c["NAME_INCOME_TYPE"] = choose(pensioner, TextColumn(np.full(n, 4), income_type.values), income_type)
    high = rng.random(n) < logistic(-1.05 - 0.32 * risk - (age - 44) * 0.012)
    lower = draw_texts(
        rng,
        n,
        {
            "Secondary / secondary special": 0.94,
            "Incomplete higher": 0.042,
            "Lower secondary": 0.017,
            "Academic degree": 0.001,
            "Higher education": 0.0,
        },
    )
    c["NAME_EDUCATION_TYPE"] = choose(high, TextColumn(np.full(n, 4), lower.values), lower)
    income = grid(np.exp(rng.normal(11.82 + 0.25 * high + 0.16 * male - 0.22 * pensioner - 0.03 * risk, 0.44)), 4500.0)
    income = np.maximum(income, 25650.0)
    c["AMT_INCOME_TOTAL"] = income
    credit = np.exp(rng.normal(13.05 + 0.42 * np.log(income / 147000.0), 0.62))
    credit = np.clip(grid(credit, 4500.0), 45000.0, 4050000.0)
    c["AMT_CREDIT"] = credit
    markup = 1.0 + np.maximum(rng.normal(0.10 + 0.03 * risk, 0.08), 0.0) * (rng.random(n) < 0.72)
    c["AMT_GOODS_PRICE"] = blank(grid(credit / markup, 4500.0), rng.random(n) < 0.001)
    years = np.clip(rng.lognormal(np.log(credit / 27000.0) * 0.62 + 1.05, 0.25), 8, 60)
    annuity = credit * (1.25 / years + 0.004)
    c["AMT_ANNUITY"] = blank(np.round(annuity / 4.5) * 4.5, rng.random(n) < 0.00005)
    draw_household(rng, c, age, risk)
    tenure = np.minimum(rng.exponential(np.exp(7.45 - 0.28 * risk + (age - 44) * 0.022)), age_days - 6200)
    c["DAYS_EMPLOYED"] = np.where(pensioner, NEVER, -np.maximum(tenure, 2).astype(np.int64))
    c["DAYS_BIRTH"] = -age_days.astype(np.int64)
    c["DAYS_REGISTRATION"] = -np.minimum(rng.gamma(1.9, 2600, n), age_days - 300).round()
    id_days = np.clip(rng.normal(3000 - 200 * risk, 1450), 0, 6200)
    c["DAYS_ID_PUBLISH"] = -id_days.astype(np.int64)
    c["DAYS_LAST_PHONE_CHANGE"] = -np.where(
        rng.random(n) < 0.12, 0, rng.gamma(1.4, 720 - 60 * risk.clip(-3, 3))
    ).round()
    draw_employment(rng, c, pensioner, male, risk)
    draw_places(rng, c, risk)
    scores = _external_scores(rng, c, risk, age)
    draw_building(rng, c, risk)
    _circle_and_documents(rng, c, risk)
    log_odds = (
        _INTERCEPT
        + 0.86 * risk
        - 0.022 * (age - 44)
        - 0.30 * high
        + 0.22 * male
        + 1.2 * (markup - 1.07)
        + 0.15 * (c["REGION_RATING_CLIENT"] - 2)
        - 0.10 * np.log(np.maximum(tenure, 30) / 1500) * ~pensioner
        - 0.35 * scores
    )
    target = (rng.random(n) < logistic(log_odds)).astype(np.int64)
    ordered = {column.name: c[column.name] for column in APPLICATION_COLUMNS}
    return DrawnClients(ids, risk, income, age_days, target, ordered)


def _external_scores(rng: np.random.Generator, c: Columns, risk: Array, age: Array) -> Array:
    """Draw the three scores; returns what they know beyond the latent risk."""
    n = len(risk)
    own = rng.normal(size=n)
    common = -0.62 * risk + 0.30 * own
    for name, noise, by_age, missing in (
        ("EXT_SOURCE_1", 0.72, 0.045, 0.56),
        ("EXT_SOURCE_2", 0.72, 0.008, 0.002),
        ("EXT_SOURCE_3", 0.70, 0.012, 0.2),
    ):
        score = logistic(0.1 + 1.05 * (common + noise * rng.normal(size=n)) + by_age * (age - 44))
        c[name] = blank(np.clip(score, 0.0005, 0.96), rng.random(n) < missing)
    return own


def _circle_and_documents(rng: np.random.Generator, c: Columns, risk: Array) -> None:
    n = len(risk)
    gone = rng.random(n) < 0.0033
    observed = rng.negative_binomial(0.5, 0.26, n)
    late_30 = rng.binomial(observed, np.clip(0.09 * np.exp(0.2 * risk), 0, 1))
    late_60 = rng.binomial(late_30, 0.7)
    c["OBS_30_CNT_SOCIAL_CIRCLE"] = blank(observed, gone)
    c["DEF_30_CNT_SOCIAL_CIRCLE"] = blank(late_30, gone)
    c["OBS_60_CNT_SOCIAL_CIRCLE"] = blank(np.maximum(observed - (rng.random(n) < 0.02), late_60), gone)
    c["DEF_60_CNT_SOCIAL_CIRCLE"] = blank(late_60, gone)
    shares = {3: 0.71, 5: 0.015, 6: 0.088, 8: 0.08, 9: 0.004, 11: 0.004, 13: 0.0035, 14: 0.003, 16: 0.01, 18: 0.008}
    for number in range(2, 22):
        share = shares.get(number, 0.0004)
        slope = 0.15 if number == 3 else 0.0
        c[f"FLAG_DOCUMENT_{number}"] = (rng.random(n) < logistic(np.log(share / (1 - share)) + slope * risk)).astype(
            np.int64
        )
    gone = rng.random(n) < 0.135
    for span, rate in (
        ("HOUR", 0.0064),
        ("DAY", 0.007),
        ("WEEK", 0.034),
        ("MON", 0.267),
        ("QRT", 0.265),
        ("YEAR", 1.9),
    ):
        drawn = rng.poisson(rate * np.exp(0.12 * risk))
        c[f"AMT_REQ_CREDIT_BUREAU_{span}"] = blank(drawn, gone)
