"""Synthetic applications: who the applicant lives with, works for, and where."""

from __future__ import annotations

import numpy as np

from credit.schema import APPLICATION_COLUMNS
from training.data.generation.draws import Array, Columns, TextColumn, blank, choose, draw_texts, logistic

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


def draw_household(rng: np.random.Generator, c: Columns, age: Array, risk: Array) -> None:
    """Draw car, home, children and family."""
    n = len(age)
    c["FLAG_OWN_CAR"] = draw_texts(rng, n, {"N": 0.66, "Y": 0.34})
    c["FLAG_OWN_REALTY"] = draw_texts(rng, n, {"Y": 0.69, "N": 0.31})
    car_age = rng.gamma(1.6, 7.5, n).round()
    c["OWN_CAR_AGE"] = blank(car_age, c["FLAG_OWN_CAR"].equals("N"))
    children = rng.poisson(np.clip(0.62 - 0.018 * np.abs(age - 36), 0.02, None))
    c["CNT_CHILDREN"] = children.astype(np.int64)
    status = draw_texts(
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
    c["NAME_TYPE_SUITE"] = draw_texts(
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
    homes = draw_texts(
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
    c["NAME_HOUSING_TYPE"] = choose(with_parents, TextColumn(np.full(n, 5), homes.values), homes)


def draw_employment(rng: np.random.Generator, c: Columns, pensioner: Array, male: Array, risk: Array) -> None:
    """Draw occupation, employer and how the applicant can be reached."""
    n = len(risk)
    jobs = draw_texts(rng, n, _OCCUPATIONS, 0.16)
    risky = (rng.random(n) < logistic(1.2 * risk - 1.6)) & male
    codes = np.where(risky, jobs.values.index("Laborers"), jobs.codes)
    c["OCCUPATION_TYPE"] = TextColumn(np.where(pensioner, -1, codes), jobs.values)
    organisation = next(column for column in APPLICATION_COLUMNS if column.name == "ORGANIZATION_TYPE").codes
    weights = dict.fromkeys(organisation, 1.0)
    weights |= {"Business Entity Type 3": 28.0, "Self-employed": 16.0, "Other": 7.0, "Medicine": 5.0, "Government": 4.6}
    weights |= {"Business Entity Type 2": 4.2, "School": 3.5, "Trade: type 7": 3.0, "Kindergarten": 2.7, "XNA": 0.0}
    employer = draw_texts(rng, n, weights)
    c["ORGANIZATION_TYPE"] = TextColumn(
        np.where(pensioner, employer.values.index("XNA"), employer.codes), employer.values
    )
    c["FLAG_MOBIL"] = np.ones(n, dtype=np.int64)
    c["FLAG_EMP_PHONE"] = (~pensioner).astype(np.int64)
    for name, share in (
        ("FLAG_WORK_PHONE", 0.2),
        ("FLAG_CONT_MOBILE", 0.998),
        ("FLAG_PHONE", 0.28),
        ("FLAG_EMAIL", 0.056),
    ):
        c[name] = (rng.random(n) < share).astype(np.int64)


def draw_places(rng: np.random.Generator, c: Columns, risk: Array) -> None:
    """Draw the region, when the applicant came, and whether home, work and address agree."""
    n = len(risk)
    c["REGION_POPULATION_RELATIVE"] = np.clip(rng.lognormal(-4.05, 0.6, n), 0.0003, 0.0725).round(6)
    rating = 2 + (rng.random(n) < logistic(-2.2 + 0.3 * risk)) - (rng.random(n) < logistic(-2.3 - 0.3 * risk))
    c["REGION_RATING_CLIENT"] = rating.astype(np.int64)
    c["REGION_RATING_CLIENT_W_CITY"] = np.where(rng.random(n) < 0.96, rating, 2).astype(np.int64)
    days = {"TUESDAY": 0.175, "WEDNESDAY": 0.169, "THURSDAY": 0.165, "FRIDAY": 0.164, "MONDAY": 0.165}
    c["WEEKDAY_APPR_PROCESS_START"] = draw_texts(rng, n, days | {"SATURDAY": 0.11, "SUNDAY": 0.052})
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
