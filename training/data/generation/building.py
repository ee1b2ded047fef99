"""Synthetic applications: the building that the applicant lives in."""

from __future__ import annotations

import numpy as np

from training.data.generation.draws import Array, Columns, TextColumn, blank, draw_texts

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


def draw_building(rng: np.random.Generator, c: Columns, risk: Array) -> None:
    """Draw the description of the building, normalised as published: average, mode and median of each part."""
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
        drawn = draw_texts(rng, n, weights)
        c[name] = TextColumn(np.where(known < missing, -1, drawn.codes), drawn.values)
