"""Synthetic repayment of earlier credits with the bank."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from training.data.generation.draws import Array, Columns, TextColumn, blank, fixed, logistic, repeat_index


@dataclass(frozen=True)
class GrantedCredits:
    """Approved earlier credits: what their payments depend on."""

    previous_ids: Array
    client_ids: Array
    risk: Array
    start: Array  # day of the decision, negative
    months: Array
    amount: Array
    annuity: Array
    card: Array


def draw_pos(rng: np.random.Generator, loans: GrantedCredits) -> Columns:
    """Draw the months of point-of-sale and cash credits."""
    lasted = np.minimum(-loans.start // 30, loans.months + 1)
    counts = np.where(loans.card, 0, np.clip(lasted, 0, 96)).astype(np.int64)
    at, step = repeat_index(counts)
    risk = loans.risk[at]
    late = rng.random(len(at)) < logistic(-3.6 + 0.6 * risk)
    days = np.where(late, rng.exponential(9 + 5 * np.exp(0.4 * risk)), 0).round().astype(np.int64)
    done = step == loans.months[at]
    gone = rng.random(len(at)) < 0.0026
    return {
        "SK_ID_PREV": loans.previous_ids[at],
        "SK_ID_CURR": loans.client_ids[at],
        "MONTHS_BALANCE": np.minimum(loans.start[at] // 30 + step + 1, -1),
        "CNT_INSTALMENT": blank(loans.months[at], gone),
        "CNT_INSTALMENT_FUTURE": blank(np.maximum(loans.months[at] - step, 0), gone),
        "NAME_CONTRACT_STATUS": TextColumn(np.where(done, 1, 0), ("Active", "Completed")),
        "SK_DPD": days,
        "SK_DPD_DEF": np.where(rng.random(len(at)) < 0.5, days, 0),
    }


def draw_cards(rng: np.random.Generator, loans: GrantedCredits) -> Columns:
    """Draw the months of credit cards."""
    counts = np.where(loans.card, np.clip(-loans.start // 30, 0, 96), 0).astype(np.int64)
    at, step = repeat_index(counts)
    k = len(at)
    risk = loans.risk[at]
    limit = loans.amount[at]
    habit = rng.normal(size=len(counts))[at]
    use = np.clip(logistic(-1.4 + 0.55 * risk + 1.3 * habit + 0.4 * rng.normal(size=k)) * 1.08 - 0.06, 0, 1.2)
    balance = (limit * use).round(2)
    idle = use == 0
    drawn = np.where(idle, 0.0, np.where(rng.random(k) < 0.3, limit * rng.exponential(0.08, k), 0.0)).round(2)
    cash_share = np.clip(logistic(0.5 + 0.5 * risk) + 0.2 * rng.normal(size=k), 0, 1)
    cash = (drawn * cash_share).round(2)
    minimum = np.where(idle, 0.0, balance * 0.05).round(2)
    paid = (minimum * np.clip(rng.lognormal(0.35 - 0.15 * risk, 0.5), 0, 40)).round(2)
    late = ~idle & (rng.random(k) < logistic(-4.0 + 0.7 * risk))
    days = np.where(late, rng.exponential(14, k), 0).round().astype(np.int64)
    unseen = rng.random(k) < 0.2
    drawings = np.where(drawn > 0, 1 + rng.poisson(2.0, k), 0)
    cash_drawings = np.where(cash > 0, 1 + rng.binomial(np.maximum(drawings - 1, 0), 0.5), 0)
    return {
        "SK_ID_PREV": loans.previous_ids[at],
        "SK_ID_CURR": loans.client_ids[at],
        "MONTHS_BALANCE": -step - 1,
        "AMT_BALANCE": balance,
        "AMT_CREDIT_LIMIT_ACTUAL": limit.astype(np.int64),
        "AMT_DRAWINGS_ATM_CURRENT": blank(cash, unseen),
        "AMT_DRAWINGS_CURRENT": drawn,
        "AMT_DRAWINGS_OTHER_CURRENT": blank(np.zeros(k), unseen),
        "AMT_DRAWINGS_POS_CURRENT": blank(drawn - cash, unseen),
        "AMT_INST_MIN_REGULARITY": blank(minimum, rng.random(k) < 0.08),
        "AMT_PAYMENT_CURRENT": blank(paid, unseen),
        "AMT_PAYMENT_TOTAL_CURRENT": paid,
        "AMT_RECEIVABLE_PRINCIPAL": (balance * 0.96).round(2),
        "AMT_RECIVABLE": balance,
        "AMT_TOTAL_RECEIVABLE": balance,
        "CNT_DRAWINGS_ATM_CURRENT": blank(cash_drawings, unseen),
        "CNT_DRAWINGS_CURRENT": drawings.astype(np.int64),
        "CNT_DRAWINGS_OTHER_CURRENT": blank(np.zeros(k), unseen),
        "CNT_DRAWINGS_POS_CURRENT": blank(drawings - cash_drawings, unseen),
        "CNT_INSTALMENT_MATURE_CUM": blank(np.maximum(counts[at] - step - 1, 0), rng.random(k) < 0.08),
        "NAME_CONTRACT_STATUS": fixed(k, "Active"),
        "SK_DPD": days,
        "SK_DPD_DEF": np.where(rng.random(k) < 0.5, days, 0),
    }


def draw_instalments(rng: np.random.Generator, loans: GrantedCredits) -> Columns:
    """Draw what was due and what was paid, instalment by instalment."""
    lasted = np.clip(-loans.start // 30, 0, np.where(loans.card, 60, loans.months)).astype(np.int64)
    at, step = repeat_index(lasted)
    k = len(at)
    risk = loans.risk[at]
    due = loans.start[at] + 30 * (step + 1)
    late = rng.random(k) < logistic(-2.7 + 0.55 * risk)
    shift = np.where(late, rng.exponential(6 + 4 * np.exp(0.4 * risk)), -rng.exponential(10, k)).round()
    unpaid = rng.random(k) < 0.0002
    part = np.where(rng.random(k) < logistic(-2.9 + 0.45 * risk), rng.uniform(0.1, 1.0, k), 1.0)
    amount = loans.annuity[at]
    return {
        "SK_ID_PREV": loans.previous_ids[at],
        "SK_ID_CURR": loans.client_ids[at],
        "NUM_INSTALMENT_VERSION": np.where(loans.card[at], 0, 1).astype(np.float64),
        "NUM_INSTALMENT_NUMBER": step + 1,
        "DAYS_INSTALMENT": np.minimum(due, -1).astype(np.float64),
        "DAYS_ENTRY_PAYMENT": blank(np.minimum(due + shift, -1), unpaid),
        "AMT_INSTALMENT": amount,
        "AMT_PAYMENT": blank((amount * part).round(2), unpaid),
    }
