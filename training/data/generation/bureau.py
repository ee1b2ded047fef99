"""Synthetic loans with other lenders and their monthly states."""

from __future__ import annotations

import numpy as np

from training.data.generation.applications import DrawnClients
from training.data.generation.draws import Array, Columns, TextColumn, blank, draw_texts, grid, logistic, repeat_index


def draw_bureau(rng: np.random.Generator, clients: DrawnClients, first_id: int) -> tuple[Columns, Columns]:
    """Draw `bureau` and `bureau_balance` for a chunk of clients; loan ids count up from `first_id`."""
    n = len(clients.ids)
    counts = rng.negative_binomial(1.6, 0.22, n) * (rng.random(n) < 0.86)
    owner, _ = repeat_index(counts)
    m = len(owner)
    risk = clients.risk[owner]
    taken = -np.clip(rng.gamma(1.6, 720 - 110 * risk.clip(-3, 3)), 2, 2922).round()
    kind = draw_texts(
        rng,
        m,
        {"Consumer credit": 0.73, "Credit card": 0.234, "Car loan": 0.016, "Mortgage": 0.011, "Microloan": 0.009},
    )
    card = kind.equals("Credit card")
    term = np.where(card, rng.gamma(3.0, 500, m), rng.gamma(1.5, 520, m)).round() + 30
    active = rng.random(m) < logistic((taken + term) / 400 + 0.35 * risk)
    state = np.where(active, 0, 1)
    state[rng.random(m) < 0.004] = 2
    amount = grid(np.exp(rng.normal(11.5 + 0.35 * np.log(clients.income[owner] / 147000), 1.1)), 450.0)
    owed = np.clip(rng.beta(1.6, 2.2, m) + 0.13 * risk + np.clip(-taken / -2500, -1, 0) * 0.2, 0, 1.1)
    debt = np.where(active, amount * owed, 0.0).round(1)
    late = rng.random(m) < logistic(-2.0 + 0.75 * risk)
    overdue = np.where(late, amount * rng.exponential(0.03, m), 0.0).round(1)
    now_late = late & active & (rng.random(m) < 0.04)
    ended = np.minimum(taken + term * np.clip(rng.normal(0.86 + 0.05 * risk, 0.25), 0.05, 1.4), -1).round()
    bureau: Columns = {
        "SK_ID_CURR": clients.ids[owner],
        "SK_ID_BUREAU": first_id + np.arange(m),
        "CREDIT_ACTIVE": TextColumn(state, ("Active", "Closed", "Sold")),
        "CREDIT_CURRENCY": draw_texts(rng, m, {"currency 1": 0.9992, "currency 2": 0.0007, "currency 3": 0.0001}),
        "DAYS_CREDIT": taken.astype(np.int64),
        "CREDIT_DAY_OVERDUE": np.where(now_late, rng.exponential(40, m).round(), 0).astype(np.int64),
        "DAYS_CREDIT_ENDDATE": blank(taken + term, rng.random(m) < 0.06),
        "DAYS_ENDDATE_FACT": blank(ended, active),
        "AMT_CREDIT_MAX_OVERDUE": blank(overdue, rng.random(m) < 0.6),
        "CNT_CREDIT_PROLONG": (rng.random(m) < 0.005).astype(np.int64),
        "AMT_CREDIT_SUM": amount,
        "AMT_CREDIT_SUM_DEBT": blank(debt, rng.random(m) < 0.15),
        "AMT_CREDIT_SUM_LIMIT": blank(np.where(card, amount * 0.2, 0.0).round(1), rng.random(m) < 0.35),
        "AMT_CREDIT_SUM_OVERDUE": np.where(now_late, overdue * 0.5, 0.0).round(1),
        "CREDIT_TYPE": kind,
        "DAYS_CREDIT_UPDATE": np.where(active, -rng.exponential(40, m), ended + 30)
        .clip(-3000, 0)
        .round()
        .astype(np.int64),
        "AMT_ANNUITY": blank((amount / np.maximum(term / 30, 1)).round(1), rng.random(m) < 0.65),
    }
    return bureau, _balance(rng, bureau, risk, late)


def _balance(rng: np.random.Generator, bureau: Columns, risk: Array, late: Array) -> Columns:
    m = len(risk)
    taken = bureau["DAYS_CREDIT"]
    known = rng.random(m) < 0.42
    months = np.where(known, np.clip(-taken // 30 + 1, 1, 97), 0).astype(np.int64)
    loan, back = repeat_index(months)
    closed_at = np.nan_to_num(bureau["DAYS_ENDDATE_FACT"], nan=1.0) / 30
    over = -back > closed_at[loan]
    unknown = rng.random(len(loan)) < 0.18
    arrears = late[loan] & (rng.random(len(loan)) < 0.10 * np.exp(0.35 * risk[loan]).clip(0, 4))
    bucket = np.minimum(rng.geometric(0.8, len(loan)), 5)
    status = np.where(arrears, bucket, 0)
    status = np.where(unknown, 6, status)
    status = np.where(over, 7, status)
    return {
        "SK_ID_BUREAU": bureau["SK_ID_BUREAU"][loan],
        "MONTHS_BALANCE": -back,
        "STATUS": TextColumn(status, ("0", "1", "2", "3", "4", "5", "X", "C")),
    }
