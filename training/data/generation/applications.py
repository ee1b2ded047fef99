"""Synthetic applications, and the latent risk that the history tables are drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from credit.schema import APPLICATION_COLUMNS
from training.data.generation.draws import Array, Columns, Texts, blank, choose, grid, logistic, pick

NEVER = 365243
_INTERCEPT = -3.05


@dataclass(frozen=True)
class Clients:
    """A chunk of clients: what all their tables depend on."""

    ids: Array
    risk: Array  # the latent risk, standard normal
    income: Array
    age_days: Array
    target: Array
    columns: Columns


def draw_clients(rng: np.random.Generator, ids: Array) -> Clients:
    """Draw applications for these client ids with a default rate near 8 %."""
    n = len(ids)
    risk = rng.normal(size=n)
    age_days = np.clip(rng.normal(44 - 1.8 * risk, 11.5, n), 20.6, 69.0) * 365.25
    age = age_days / 365.25
    c: Columns = {}
    c["NAME_CONTRACT_TYPE"] = pick(rng, n, {"Cash loans": 0.905, "Revolving loans": 0.095})
    male = rng.random(n) < logistic(-0.72 + 0.25 * risk)
    gender = np.where(male, 1, 0)
    gender[rng.random(n) < 0.00002] = 2
    c["CODE_GENDER"] = Texts(gender, ("F", "M", "XNA"))
    pensioner = rng.random(n) < logistic((age - 59.5) * 0.45)
    income_type = pick(
        rng,
        n,
        {"Working": 0.635, "Commercial associate": 0.285, "State servant": 0.0785, "Student": 0.0005, "Pensioner": 0.0},
    )
    c["NAME_INCOME_TYPE"] = choose(pensioner, Texts(np.full(n, 4), income_type.values), income_type)
    high = rng.random(n) < logistic(-1.05 - 0.32 * risk - (age - 44) * 0.012)
    lower = pick(
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
    c["NAME_EDUCATION_TYPE"] = choose(high, Texts(np.full(n, 4), lower.values), lower)
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
    _household(rng, c, age, risk)
    tenure = np.minimum(rng.exponential(np.exp(7.45 - 0.28 * risk + (age - 44) * 0.022)), age_days - 6200)
    c["DAYS_EMPLOYED"] = np.where(pensioner, NEVER, -np.maximum(tenure, 2).astype(np.int64))
    c["DAYS_BIRTH"] = -age_days.astype(np.int64)
    c["DAYS_REGISTRATION"] = -np.minimum(rng.gamma(1.9, 2600, n), age_days - 300).round()
    id_days = np.clip(rng.normal(3000 - 200 * risk, 1450), 0, 6200)
    c["DAYS_ID_PUBLISH"] = -id_days.astype(np.int64)
    c["DAYS_LAST_PHONE_CHANGE"] = -np.where(
        rng.random(n) < 0.12, 0, rng.gamma(1.4, 720 - 60 * risk.clip(-3, 3))
    ).round()
    _work(rng, c, pensioner, male, risk)
    _places(rng, c, risk)
    scores = _external_scores(rng, c, risk, age)
    _building(rng, c, risk)
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
    return Clients(ids, risk, income, age_days, target, ordered)


def _household(rng: np.random.Generator, c: Columns, age: Array, risk: Array) -> None:
    n = len(age)
    c["FLAG_OWN_CAR"] = pick(rng, n, {"N": 0.66, "Y": 0.34})
    c["FLAG_OWN_REALTY"] = pick(rng, n, {"Y": 0.69, "N": 0.31})
    car_age = rng.gamma(1.6, 7.5, n).round()
    c["OWN_CAR_AGE"] = blank(car_age, c["FLAG_OWN_CAR"].equals("N"))
    children = rng.poisson(np.clip(0.62 - 0.018 * np.abs(age - 36), 0.02, None))
    c["CNT_CHILDREN"] = children.astype(np.int64)
    status = pick(
        rng,
        n,
        {
            "Married": 0.64,
            "Single / not married": 0.147,
            "Civil marriage": 0.097,
            "Separated": 0.064,
            "Widow": 0.052,
            "Unknown": 0.00001,
        },
    )
    c["NAME_FAMILY_STATUS"] = status
    c["CNT_FAM_MEMBERS"] = (1 + children + (status.equals("Married") | status.equals("Civil marriage"))).astype(
        np.float64
    )
    c["NAME_TYPE_SUITE"] = pick(
        rng,
        n,
        {
            "Unaccompanied": 0.81,
            "Family": 0.13,
            "Spouse, partner": 0.037,
            "Children": 0.011,
            "Other_B": 0.006,
            "Other_A": 0.003,
            "Group of people": 0.001,
        },
        0.004,
    )
    with_parents = rng.random(n) < logistic(-3.3 - 0.07 * (age - 38) + 0.2 * risk)
    homes = pick(
        rng,
        n,
        {
            "House / apartment": 0.93,
            "Municipal apartment": 0.037,
            "Rented apartment": 0.017,
            "Office apartment": 0.009,
            "Co-op apartment": 0.004,
            "With parents": 0.0,
        },
    )
    c["NAME_HOUSING_TYPE"] = choose(with_parents, Texts(np.full(n, 5), homes.values), homes)


_OCCUPATIONS = {
    "Laborers": 0.26,
    "Sales staff": 0.15,
    "Core staff": 0.13,
    "Managers": 0.10,
    "Drivers": 0.088,
    "High skill tech staff": 0.054,
    "Accountants": 0.046,
    "Medicine staff": 0.04,
    "Security staff": 0.032,
    "Cooking staff": 0.028,
    "Cleaning staff": 0.022,
    "Private service staff": 0.013,
    "Low-skill Laborers": 0.01,
    "Waiters/barmen staff": 0.007,
    "Secretaries": 0.006,
    "Realty agents": 0.004,
    "HR staff": 0.003,
    "IT staff": 0.003,
}


def _work(rng: np.random.Generator, c: Columns, pensioner: Array, male: Array, risk: Array) -> None:
    n = len(risk)
    jobs = pick(rng, n, _OCCUPATIONS, 0.16)
    risky = (rng.random(n) < logistic(1.2 * risk - 1.6)) & male
    codes = np.where(risky, jobs.values.index("Laborers"), jobs.codes)
    c["OCCUPATION_TYPE"] = Texts(np.where(pensioner, -1, codes), jobs.values)
    organisation = next(column for column in APPLICATION_COLUMNS if column.name == "ORGANIZATION_TYPE").codes
    weights = dict.fromkeys(organisation, 1.0)
    weights |= {"Business Entity Type 3": 28.0, "Self-employed": 16.0, "Other": 7.0, "Medicine": 5.0, "Government": 4.6}
    weights |= {"Business Entity Type 2": 4.2, "School": 3.5, "Trade: type 7": 3.0, "Kindergarten": 2.7, "XNA": 0.0}
    work = pick(rng, n, weights)
    c["ORGANIZATION_TYPE"] = Texts(np.where(pensioner, work.values.index("XNA"), work.codes), work.values)
    c["FLAG_MOBIL"] = np.ones(n, dtype=np.int64)
    c["FLAG_EMP_PHONE"] = (~pensioner).astype(np.int64)
    for name, share in (
        ("FLAG_WORK_PHONE", 0.2),
        ("FLAG_CONT_MOBILE", 0.998),
        ("FLAG_PHONE", 0.28),
        ("FLAG_EMAIL", 0.056),
    ):
        c[name] = (rng.random(n) < share).astype(np.int64)


def _places(rng: np.random.Generator, c: Columns, risk: Array) -> None:
    n = len(risk)
    c["REGION_POPULATION_RELATIVE"] = np.clip(rng.lognormal(-4.05, 0.6, n), 0.0003, 0.0725).round(6)
    rating = 2 + (rng.random(n) < logistic(-2.2 + 0.3 * risk)) - (rng.random(n) < logistic(-2.3 - 0.3 * risk))
    c["REGION_RATING_CLIENT"] = rating.astype(np.int64)
    c["REGION_RATING_CLIENT_W_CITY"] = np.where(rng.random(n) < 0.96, rating, 2).astype(np.int64)
    days = {"TUESDAY": 0.175, "WEDNESDAY": 0.169, "THURSDAY": 0.165, "FRIDAY": 0.164, "MONDAY": 0.165}
    c["WEEKDAY_APPR_PROCESS_START"] = pick(rng, n, days | {"SATURDAY": 0.11, "SUNDAY": 0.052})
    c["HOUR_APPR_PROCESS_START"] = np.clip(rng.normal(12.1, 3.3, n).round(), 0, 23).astype(np.int64)
    for name, base, slope in (
        ("REG_REGION_NOT_LIVE_REGION", -4.2, 0.1),
        ("REG_REGION_NOT_WORK_REGION", -2.95, 0.1),
        ("LIVE_REGION_NOT_WORK_REGION", -3.2, 0.05),
        ("REG_CITY_NOT_LIVE_CITY", -2.55, 0.3),
        ("REG_CITY_NOT_WORK_CITY", -1.25, 0.2),
        ("LIVE_CITY_NOT_WORK_CITY", -1.55, 0.1),
    ):
        c[name] = (rng.random(n) < logistic(base + slope * risk)).astype(np.int64)


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


_BUILDING = {
    "APARTMENTS": (0.117, 0.51),
    "BASEMENTAREA": (0.088, 0.585),
    "YEARS_BEGINEXPLUATATION": (0.978, 0.488),
    "YEARS_BUILD": (0.752, 0.665),
    "COMMONAREA": (0.045, 0.699),
    "ELEVATORS": (0.079, 0.533),
    "ENTRANCES": (0.150, 0.503),
    "FLOORSMAX": (0.226, 0.498),
    "FLOORSMIN": (0.232, 0.678),
    "LANDAREA": (0.066, 0.594),
    "LIVINGAPARTMENTS": (0.101, 0.684),
    "LIVINGAREA": (0.107, 0.502),
    "NONLIVINGAPARTMENTS": (0.009, 0.694),
    "NONLIVINGAREA": (0.028, 0.552),
}


def _building(rng: np.random.Generator, c: Columns, risk: Array) -> None:
    n = len(risk)
    known = rng.random(n)  # one rank a client: who has one part of the description has the more common ones too
    size = rng.normal(-0.1 * risk, 1.0)
    for part, (centre, missing) in _BUILDING.items():
        value = np.clip(centre * np.exp(0.45 * size + 0.35 * rng.normal(size=n) - 0.16), 0, 1)
        if part.startswith("YEARS"):
            value = np.clip(centre + 0.05 * rng.normal(size=n), 0, 1)
        gone = known < missing
        for statistic, jitter in (("AVG", 0.0), ("MODE", 0.02), ("MEDI", 0.008)):
            noisy = np.clip(value * (1 + jitter * rng.normal(size=n)), 0, 1).round(4)
            c[f"{part}_{statistic}"] = blank(noisy, gone)
    gone = known < 0.482
    c["TOTALAREA_MODE"] = blank(np.clip(0.1 * np.exp(0.6 * size - 0.2), 0, 1).round(4), gone)
    texts = {
        "FONDKAPREMONT_MODE": (
            {"reg oper account": 0.76, "reg oper spec account": 0.12, "org spec account": 0.06},
            0.683,
        ),
        "HOUSETYPE_MODE": ({"block of flats": 0.98, "specific housing": 0.01, "terraced house": 0.01}, 0.5),
        "WALLSMATERIAL_MODE": (
            {"Panel": 0.44, "Stone, brick": 0.43, "Block": 0.06, "Wooden": 0.04, "Mixed": 0.03},
            0.508,
        ),
        "EMERGENCYSTATE_MODE": ({"No": 0.985, "Yes": 0.015}, 0.474),
    }
    for name, (weights, missing) in texts.items():
        drawn = pick(rng, n, weights)
        c[name] = Texts(np.where(known < missing, -1, drawn.codes), drawn.values)


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
