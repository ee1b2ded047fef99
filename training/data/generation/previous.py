"""Synthetic earlier applications with the bank, and the repayment of what came of them."""

from __future__ import annotations

import numpy as np

from training.data.generation.applications import NEVER, DrawnClients
from training.data.generation.draws import Columns, TextColumn, blank, draw_texts, grid, logistic, repeat_index
from training.data.generation.payments import GrantedCredits, draw_cards, draw_instalments, draw_pos


def draw_previous(rng: np.random.Generator, clients: DrawnClients, first_id: int) -> dict[str, Columns]:
    """Draw the four tables of earlier credits for a chunk of clients; ids count up from `first_id`."""
    n = len(clients.ids)
    counts = rng.negative_binomial(1.9, 0.28, n) * (rng.random(n) < 0.95)
    owner, _ = repeat_index(counts)
    m = len(owner)
    risk = clients.risk[owner]
    kinds = draw_texts(rng, m, {"Cash loans": 0.447, "Consumer loans": 0.437, "Revolving loans": 0.116, "XNA": 0.0002})
    consumer, card = kinds.equals("Consumer loans"), kinds.equals("Revolving loans")
    refused_odds = np.where(consumer, -2.6, -1.5) + 0.55 * risk
    draw = rng.random(m)
    refused = draw < logistic(refused_odds)
    cancelled = ~refused & ~consumer & (rng.random(m) < 0.36)
    unused = consumer & ~refused & (rng.random(m) < 0.03)
    approved = ~refused & ~cancelled & ~unused
    status = np.select([refused, cancelled, unused], [1, 2, 3], 0)
    decision = -np.clip(rng.gamma(1.15, 790, m), 2, 2922).round().astype(np.int64)
    base = np.exp(rng.normal(np.where(consumer, 11.2, 12.3) + 0.3 * np.log(clients.income[owner] / 147000), 0.75))
    asked = np.where(cancelled | (card & (rng.random(m) < 0.7)), 0.0, grid(base, 450.0))
    amount = np.where(
        asked == 0, np.where(card & approved, 180000.0, 0.0), (asked * rng.normal(1.07, 0.08, m)).round(1)
    )
    months = np.where(
        card, 0, rng.choice([6, 10, 12, 18, 24, 36, 48, 60], m, p=[0.16, 0.18, 0.3, 0.1, 0.14, 0.07, 0.03, 0.02])
    )
    interest = np.clip(rng.normal(0.19 + 0.03 * risk, 0.06), 0.02, 0.6)
    annuity = amount * (1 + interest * months / 12) / np.maximum(months, 1)
    annuity = np.where(card, amount * 0.05, annuity).round(2)
    nothing = cancelled | (amount == 0)
    first_due = decision + 30
    agreed = decision + 30 * months
    last_due = np.minimum(
        decision + (30 * months * np.clip(rng.normal(0.88 + 0.03 * risk, 0.2), 0.1, 1.1)).round(), agreed
    )
    running = agreed > 0
    no_dates = ~approved
    reasons = draw_texts(
        rng, m, {"HC": 0.60, "LIMIT": 0.18, "SCO": 0.13, "SCOFR": 0.04, "VERIF": 0.02, "XNA": 0.03, "XAP": 0.0}
    )
    goods = {"Mobile": 0.33, "Consumer Electronics": 0.18, "Computers": 0.16, "Audio/Video": 0.15, "Furniture": 0.08}
    goods |= {"Construction Materials": 0.04, "Clothing and Accessories": 0.04, "XNA": 0.02}
    goods_drawn = draw_texts(rng, m, goods)
    yields = np.select([nothing, interest > 0.23, interest > 0.17, interest > 0.1], [4, 0, 1, 2], 3)
    table: Columns = {
        "SK_ID_PREV": first_id + np.arange(m),
        "SK_ID_CURR": clients.ids[owner],
        "NAME_CONTRACT_TYPE": kinds,
        "AMT_ANNUITY": blank(annuity, nothing),
        "AMT_APPLICATION": asked,
        "AMT_CREDIT": amount,
        "AMT_DOWN_PAYMENT": blank((asked * np.clip(rng.normal(0.08, 0.1, m), 0, 0.9)).round(1), ~consumer),
        "AMT_GOODS_PRICE": blank(asked, asked == 0),
        "WEEKDAY_APPR_PROCESS_START": draw_texts(
            rng,
            m,
            {
                "TUESDAY": 0.157,
                "FRIDAY": 0.153,
                "WEDNESDAY": 0.152,
                "MONDAY": 0.15,
                "THURSDAY": 0.148,
                "SATURDAY": 0.14,
                "SUNDAY": 0.1,
            },
        ),
        "HOUR_APPR_PROCESS_START": np.clip(rng.normal(12.5, 3.3, m).round(), 0, 23).astype(np.int64),
        "FLAG_LAST_APPL_PER_CONTRACT": draw_texts(rng, m, {"Y": 0.995, "N": 0.005}),
        "NFLAG_LAST_APPL_IN_DAY": (rng.random(m) < 0.9965).astype(np.int64),
        "RATE_DOWN_PAYMENT": blank(np.clip(rng.normal(0.08 - 0.015 * risk, 0.1), 0, 0.95), ~consumer),
        "RATE_INTEREST_PRIMARY": blank(interest, rng.random(m) > 0.0036),
        "RATE_INTEREST_PRIVILEGED": blank(interest * 4, rng.random(m) > 0.0036),
        "NAME_CASH_LOAN_PURPOSE": TextColumn(np.where(consumer | card, 0, 1), ("XAP", "XNA")),
        "NAME_CONTRACT_STATUS": TextColumn(status, ("Approved", "Refused", "Canceled", "Unused offer")),
        "DAYS_DECISION": decision,
        "NAME_PAYMENT_TYPE": draw_texts(
            rng, m, {"Cash through the bank": 0.62, "XNA": 0.37, "Non-cash from your account": 0.01}
        ),
        "CODE_REJECT_REASON": TextColumn(np.where(refused, reasons.codes, 6), reasons.values),
        "NAME_TYPE_SUITE": draw_texts(rng, m, {"Unaccompanied": 0.6, "Family": 0.25, "Spouse, partner": 0.15}, 0.49),
        "NAME_CLIENT_TYPE": draw_texts(rng, m, {"Repeater": 0.737, "New": 0.181, "Refreshed": 0.081, "XNA": 0.001}),
        "NAME_GOODS_CATEGORY": TextColumn(np.where(consumer, goods_drawn.codes, 7), goods_drawn.values),
        "NAME_PORTFOLIO": TextColumn(
            np.select([nothing, consumer, card], [3, 0, 2], 1), ("POS", "Cash", "Cards", "XNA")
        ),
        "NAME_PRODUCT_TYPE": TextColumn(
            np.where(consumer, 2, (rng.random(m) < logistic(-1.1 + 0.3 * risk)).astype(int)),
            ("x-sell", "walk-in", "XNA"),
        ),
        "CHANNEL_TYPE": draw_texts(
            rng,
            m,
            {
                "Credit and cash offices": 0.43,
                "Country-wide": 0.3,
                "Stone": 0.13,
                "Regional / Local": 0.065,
                "Contact center": 0.043,
                "AP+ (Cash loan)": 0.034,
            },
        ),
        "SELLERPLACE_AREA": np.where(rng.random(m) < 0.46, -1, rng.gamma(0.5, 500, m)).round().astype(np.int64),
        "NAME_SELLER_INDUSTRY": draw_texts(
            rng,
            m,
            {"XNA": 0.51, "Consumer electronics": 0.24, "Connectivity": 0.17, "Furniture": 0.04, "Construction": 0.04},
        ),
        "CNT_PAYMENT": blank(months, nothing),
        "NAME_YIELD_GROUP": TextColumn(yields, ("high", "middle", "low_normal", "low_action", "XNA")),
        "PRODUCT_COMBINATION": TextColumn(
            np.select(
                [nothing, consumer, card], [0, np.where(interest > 0.15, 1, 2), 3], np.where(interest > 0.2, 4, 5)
            ),
            (
                "Cash",
                "POS household with interest",
                "POS household without interest",
                "Card Street",
                "Cash Street: high",
                "Cash X-Sell: low",
            ),
        ),
        "DAYS_FIRST_DRAWING": blank(np.where(card, decision + 20, NEVER), no_dates),
        "DAYS_FIRST_DUE": blank(np.where(card, NEVER, first_due), no_dates),
        "DAYS_LAST_DUE_1ST_VERSION": blank(np.where(card, NEVER, agreed), no_dates),
        "DAYS_LAST_DUE": blank(np.where(card | running, NEVER, last_due), no_dates),
        "DAYS_TERMINATION": blank(np.where(card | running, NEVER, np.minimum(last_due + 7, -1)), no_dates),
        "NFLAG_INSURED_ON_APPROVAL": blank((rng.random(m) < 0.33).astype(np.int64), no_dates),
    }
    keep = approved & (amount > 0)
    loans = GrantedCredits(
        table["SK_ID_PREV"][keep],
        table["SK_ID_CURR"][keep],
        risk[keep],
        decision[keep],
        months[keep],
        amount[keep],
        annuity[keep],
        card[keep],
    )
    return {
        "previous_application": table,
        "POS_CASH_balance": draw_pos(rng, loans),
        "credit_card_balance": draw_cards(rng, loans),
        "installments_payments": draw_instalments(rng, loans),
    }
