"""History features from repayment: point-of-sale and cash loans, credit cards, and instalments."""

from __future__ import annotations

from credit.features.history import ALL, HistoryFeature, Relation, Subset, Value, counts, declare

POS = Relation(
    "POS",
    ("POS_CASH_balance",),
    "POS_CASH_balance",
    "(MONTHS_BALANCE * 100000000::BIGINT + SK_ID_PREV)",
    "months of point-of-sale and cash loans",
)
CARD = Relation(
    "CC",
    ("credit_card_balance",),
    "credit_card_balance",
    "(MONTHS_BALANCE * 100000000::BIGINT + SK_ID_PREV)",
    "months of credit cards",
)
INSTALMENTS = Relation(
    "INST",
    ("installments_payments",),
    "installments_payments",
    "(DAYS_INSTALMENT::BIGINT * 100000000::BIGINT + SK_ID_PREV)",
    "payments of instalments",
)

_MONTHS = {n: Subset(f"M{n}", f"MONTHS_BALANCE >= -{n}", f" within {n} months") for n in (3, 6, 12, 24)}
_YEARS = {n: Subset(f"Y{n}", f"DAYS_INSTALMENT >= -{365 * n}", f" within {n} years") for n in (1, 2, 3)}
_HALF = Subset("M6", "DAYS_INSTALMENT >= -182", " within half a year")

_POS_LATE = Subset("LATE", "SK_DPD > 0", " with days past due")
_POS_DONE = Subset("COMPLETED", "NAME_CONTRACT_STATUS = 'Completed'", " that completed a loan")
_POS_ACTIVE = Subset("ACTIVE", "NAME_CONTRACT_STATUS = 'Active'", " of an active loan")
_DPD = Value("DPD", "least(SK_DPD, 720)", "days past due", "R26", 1, 1.0)
_DPD_DEF = Value("DPD_DEF", "least(SK_DPD_DEF, 720)", "days past due, small debts left out", "R26", 1, 1.0)
_TERM = Value("TERM", "CNT_INSTALMENT", "term in instalments", "R26", 0, 1.0)
_FUTURE = Value("FUTURE", "CNT_INSTALMENT_FUTURE", "instalments still to pay", "R26", 0, 1.0)
_LEFT = Value(
    "LEFT", "CNT_INSTALMENT_FUTURE / nullif(CNT_INSTALMENT, 0)", "share of instalments still to pay", "R26", 0, 1e-6
)
_POS_MONTH = Value("MONTH", "MONTHS_BALANCE", "month", "R26", 0, 1.0)
_LOAN = Value("LOANS", "SK_ID_PREV", "loan", "R26", 0, 1.0)

_USE = Value("USE", "AMT_BALANCE / nullif(AMT_CREDIT_LIMIT_ACTUAL, 0)", "balance over limit", "R27", 1, 1e-6)
_BALANCE = Value("BALANCE", "AMT_BALANCE", "balance", "R27")
_LIMIT = Value("LIMIT", "AMT_CREDIT_LIMIT_ACTUAL", "limit", "R27")
_DRAWN = Value("DRAWN", "AMT_DRAWINGS_CURRENT", "amount drawn", "R27")
_CASH = Value("ATM", "AMT_DRAWINGS_ATM_CURRENT", "cash drawn", "R27")
_CASH_SHARE = Value(
    "ATM_SHARE", "AMT_DRAWINGS_ATM_CURRENT / nullif(AMT_DRAWINGS_CURRENT, 0)", "cash over all drawn", "R27", 0, 1e-6
)
_DRAWINGS = Value("DRAWINGS", "CNT_DRAWINGS_CURRENT", "number of drawings", "R27", 0, 1.0)
_CASH_DRAWINGS = Value("ATM_DRAWINGS", "CNT_DRAWINGS_ATM_CURRENT", "number of cash drawings", "R27", 0, 1.0)
_PAID = Value("PAID", "AMT_PAYMENT_TOTAL_CURRENT", "amount paid", "R28")
_PAID_SHARE = Value(
    "PAID_SHARE",
    "AMT_PAYMENT_TOTAL_CURRENT / nullif(AMT_TOTAL_RECEIVABLE, 0)",
    "amount paid over amount receivable",
    "R28",
    0,
    1e-6,
)
_MINIMUM = Value(
    "MIN_RATIO",
    "least(AMT_PAYMENT_CURRENT / nullif(AMT_INST_MIN_REGULARITY, 0), 1000)",
    "payment over the minimum due",
    "R28",
    0,
    1e-6,
)
_CARD_DPD = Value("DPD", "least(SK_DPD, 720)", "days past due", "R28", 1, 1.0)
_CARD_DPD_DEF = Value("DPD_DEF", "least(SK_DPD_DEF, 720)", "days past due, small debts left out", "R28", 1, 1.0)
_MATURE = Value("MATURE", "CNT_INSTALMENT_MATURE_CUM", "instalments paid", "R28", 0, 1.0)
_CARD_MONTH = Value("MONTH", "MONTHS_BALANCE", "month", "R28", 0, 1.0)
_CARDS = Value("CARDS", "SK_ID_PREV", "card", "R28", 0, 1.0)
_OVER_LIMIT = Subset("OVER", "AMT_BALANCE > AMT_CREDIT_LIMIT_ACTUAL", " over the limit")
_CARD_LATE = Subset("LATE", "SK_DPD > 0", " with days past due")
_IN_USE = Subset("USED", "AMT_BALANCE > 0", " with a balance")

_LATE_DAYS = Value(
    "LATE",
    "least(greatest(DAYS_ENTRY_PAYMENT - DAYS_INSTALMENT, 0), 720)",
    "days late",
    "R29",
    1,
    1.0,
)
_EARLY_DAYS = Value(
    "EARLY",
    "least(greatest(DAYS_INSTALMENT - DAYS_ENTRY_PAYMENT, 0), 720)",
    "days ahead",
    "R29",
    0,
    1.0,
)
_SHORT = Value("SHORT", "greatest(AMT_INSTALMENT - AMT_PAYMENT, 0)", "amount not paid", "R30")
_SHARE = Value(
    "PAID_SHARE", "least(AMT_PAYMENT / nullif(AMT_INSTALMENT, 0), 100)", "amount paid over amount due", "R30", 0, 1e-6
)
_PAYMENT = Value("PAYMENT", "AMT_PAYMENT", "payment", "R30")
_DUE = Value("DUE", "AMT_INSTALMENT", "instalment due", "R30")
_DAY = Value("DAYS", "DAYS_ENTRY_PAYMENT", "day of payment", "R29", 0, 1.0)
_VERSION = Value("VERSION", "NUM_INSTALMENT_VERSION", "version of the instalment calendar", "R30", 0, 1.0)
_LATE = Subset("LATE", "DAYS_ENTRY_PAYMENT > DAYS_INSTALMENT", " after the due day")
_VERY_LATE = Subset("LATE_30", "DAYS_ENTRY_PAYMENT > DAYS_INSTALMENT + 30", " more than 30 days after the due day")
_LATE_YEAR = Subset(
    "LATE_Y1",
    "DAYS_ENTRY_PAYMENT > DAYS_INSTALMENT AND DAYS_INSTALMENT >= -365",
    " after the due day within a year",
)
_IN_PART = Subset("PART", "AMT_PAYMENT < AMT_INSTALMENT", " of less than was due")

PAYMENT_FEATURES: tuple[HistoryFeature, ...] = (
    *counts(POS, "R26", (ALL, _POS_DONE, _POS_ACTIVE)),
    *counts(POS, "R26", (_POS_LATE,), monotone=1),
    *declare(
        POS,
        (ALL,),
        (
            (_DPD, ("max", "mean")),
            (_DPD_DEF, ("max", "mean", "last")),
            (_TERM, ("mean", "max", "last")),
            (_FUTURE, ("mean", "max", "last", "min")),
            (_LEFT, ("mean", "last")),
            (_POS_MONTH, ("min", "max")),
            (_LOAN, ("distinct",)),
        ),
    ),
    *declare(
        POS,
        (_MONTHS[6], _MONTHS[12], _MONTHS[24]),
        ((_DPD, ("max", "mean")), (_DPD_DEF, ("mean",)), (_FUTURE, ("sum", "mean")), (_LEFT, ("mean",))),
    ),
    *counts(CARD, "R28", (ALL,)),
    *counts(CARD, "R28", (_CARD_LATE,), monotone=1),
    *counts(CARD, "R27", (_OVER_LIMIT, _IN_USE)),
    *declare(
        CARD,
        (ALL, _MONTHS[3], _MONTHS[12]),
        (
            (_USE, ("mean", "max")),
            (_BALANCE, ("mean", "max")),
            (_LIMIT, ("mean",)),
            (_DRAWN, ("mean", "sum")),
            (_CASH, ("mean", "max")),
            (_CASH_SHARE, ("mean",)),
            (_DRAWINGS, ("mean", "max")),
            (_CASH_DRAWINGS, ("mean",)),
            (_PAID, ("mean",)),
            (_PAID_SHARE, ("mean",)),
            (_MINIMUM, ("mean",)),
            (_CARD_DPD, ("max", "mean")),
            (_CARD_DPD_DEF, ("max", "mean")),
        ),
    ),
    *declare(
        CARD,
        (ALL,),
        (
            (_USE, ("last",)),
            (_BALANCE, ("last",)),
            (_LIMIT, ("last", "max", "min")),
            (_MATURE, ("max",)),
            (_CARD_MONTH, ("min", "max")),
            (_CARDS, ("distinct",)),
        ),
    ),
    *counts(INSTALMENTS, "R29", (ALL, _YEARS[1])),
    *counts(INSTALMENTS, "R29", (_LATE, _VERY_LATE, _LATE_YEAR), monotone=1),
    *counts(INSTALMENTS, "R30", (_IN_PART,)),
    *declare(
        INSTALMENTS,
        (ALL, _HALF, *_YEARS.values()),
        (
            (_LATE_DAYS, ("mean", "max", "sum")),
            (_EARLY_DAYS, ("mean", "max")),
            (_SHORT, ("mean", "max", "sum")),
            (_SHARE, ("mean", "min")),
            (_PAYMENT, ("mean", "max", "sum")),
        ),
    ),
    *declare(
        INSTALMENTS,
        (ALL,),
        ((_DUE, ("mean", "max")), (_DAY, ("min", "max")), (_VERSION, ("mean", "max")), (_PAYMENT, ("min",))),
    ),
)
