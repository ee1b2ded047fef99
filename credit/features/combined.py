"""Features that set the application against the client's history, and recent history against all of it."""

from __future__ import annotations

from credit.features.expressions import Expr, col, is_missing, or_zero
from credit.features.ratios import AGE, ANNUITY, CREDIT, EMPLOYED, INCOME, Computed


def _trend(name: str, subject: str, what: str, recent: str, whole: str, monotone: int = 0) -> Computed:
    return Computed(name, subject, f"{what}: recent less all", col(recent) - col(whole), monotone)


def _any_history() -> Expr:
    known = [is_missing(col(name)) for name in ("BUREAU_N_COUNT", "PREV_N_COUNT", "INST_N_COUNT", "CC_N_COUNT")]
    result = known[0]
    for flag in known[1:]:
        result = result + flag
    return result


COMBINED_FEATURES: tuple[Computed, ...] = (
    Computed(
        "BUREAU_DEBT_TO_CREDIT",
        "R19",
        "Debt over amount of all bureau loans",
        col("BUREAU_DEBT_SUM") / col("BUREAU_CREDIT_SUM"),
    ),
    Computed(
        "ACTIVE_DEBT_TO_CREDIT",
        "R19",
        "Debt over amount of active bureau loans",
        col("BUREAU_ACTIVE_DEBT_SUM") / col("BUREAU_ACTIVE_CREDIT_SUM"),
    ),
    Computed("BUREAU_DEBT_TO_INCOME", "R19", "Bureau debt over yearly income", col("BUREAU_DEBT_SUM") / INCOME),
    Computed(
        "ALL_DEBT_TO_INCOME",
        "R19",
        "Bureau debt and this credit over yearly income",
        (or_zero(col("BUREAU_DEBT_SUM")) + CREDIT) / INCOME,
    ),
    Computed(
        "BUREAU_ANNUITY_TO_INCOME",
        "R19",
        "Annuities of bureau loans over yearly income",
        col("BUREAU_ANNUITY_SUM") / INCOME,
    ),
    Computed("BUREAU_CREDIT_TO_CREDIT", "R19", "Mean bureau loan over this credit", col("BUREAU_CREDIT_MEAN") / CREDIT),
    Computed(
        "BUREAU_OVERDUE_TO_INCOME",
        "R20",
        "Highest overdue amount over yearly income",
        col("BUREAU_MAX_OVERDUE_MAX") / INCOME,
        1,
    ),
    Computed(
        "BUREAU_LOANS_A_YEAR",
        "R21",
        "Bureau loans for each day of bureau history",
        col("BUREAU_N_COUNT") / col("BUREAU_DAYS_MIN"),
    ),
    Computed("BUREAU_AGE_TO_AGE", "R22", "Length of bureau history over age", col("BUREAU_DAYS_MIN") / AGE),
    Computed(
        "BUREAU_END_LAST_TO_EMPLOYED",
        "R22",
        "Latest bureau loan's age over days employed",
        col("BUREAU_DAYS_MAX") / EMPLOYED,
    ),
    Computed(
        "PREV_CREDIT_TO_CREDIT",
        "R24",
        "Highest approved earlier credit over this credit",
        col("PREV_APPROVED_CREDIT_MAX") / CREDIT,
    ),
    Computed(
        "PREV_MEAN_TO_CREDIT",
        "R24",
        "Mean approved earlier credit over this credit",
        col("PREV_APPROVED_CREDIT_MEAN") / CREDIT,
    ),
    Computed(
        "PREV_ANNUITY_TO_ANNUITY",
        "R24",
        "Mean approved earlier annuity over this annuity",
        col("PREV_APPROVED_ANNUITY_MEAN") / ANNUITY,
    ),
    Computed(
        "PREV_RUNNING_TO_INCOME",
        "R24",
        "Annuities of running credits with us over yearly income",
        col("PREV_RUNNING_ANNUITY_SUM") / INCOME,
    ),
    Computed(
        "PREV_TERM_AGAINST_NOW",
        "R24",
        "Mean earlier term times this annuity over this credit",
        col("PREV_APPROVED_TERM_MEAN") * ANNUITY / CREDIT,
    ),
    Computed(
        "PREV_REFUSED_TO_APPROVED",
        "R23",
        "Refused over approved earlier applications",
        col("PREV_REFUSED_N_COUNT") / col("PREV_APPROVED_N_COUNT"),
        1,
    ),
    Computed(
        "PREV_SPEED_AGAINST_NOW",
        "R24",
        "Annuity over credit, now less before",
        ANNUITY / CREDIT - col("PREV_APPROVED_SPEED_MEAN"),
    ),
    Computed("PREV_AGE_TO_AGE", "R25", "Length of time as our client over age", col("PREV_DAYS_MIN") / AGE),
    Computed("INST_DUE_TO_ANNUITY", "R30", "Mean instalment due over this annuity", col("INST_DUE_MEAN") / ANNUITY),
    Computed("INST_DUE_TO_INCOME", "R30", "Highest instalment due over yearly income", col("INST_DUE_MAX") / INCOME),
    Computed(
        "INST_PAID_TO_DUE",
        "R30",
        "Mean payment over mean instalment due",
        col("INST_PAYMENT_MEAN") / col("INST_DUE_MEAN"),
    ),
    Computed("CC_BALANCE_TO_INCOME", "R27", "Mean card balance over yearly income", col("CC_BALANCE_MEAN") / INCOME),
    Computed("CC_LIMIT_TO_INCOME", "R27", "Card limit over yearly income", col("CC_LIMIT_LAST") / INCOME),
    Computed(
        "CC_PAID_TO_DRAWN",
        "R28",
        "Mean card payment over mean amount drawn",
        col("CC_PAID_MEAN") / col("CC_DRAWN_MEAN"),
    ),
    Computed(
        "POS_LEFT_AGAINST_TERM",
        "R26",
        "Latest instalments to pay over latest term",
        col("POS_FUTURE_LAST") / col("POS_TERM_LAST"),
    ),
    _trend("INST_LATE_TREND", "R29", "Days late, one year", "INST_Y1_LATE_MEAN", "INST_LATE_MEAN", 1),
    _trend("INST_SHORT_TREND", "R30", "Amount not paid, one year", "INST_Y1_SHORT_MEAN", "INST_SHORT_MEAN"),
    _trend("INST_PAYMENT_TREND", "R30", "Payment, one year", "INST_Y1_PAYMENT_MEAN", "INST_PAYMENT_MEAN"),
    _trend("CC_USE_TREND", "R27", "Balance over limit, three months", "CC_M3_USE_MEAN", "CC_USE_MEAN"),
    _trend("CC_ATM_TREND", "R27", "Cash drawings, three months", "CC_M3_ATM_DRAWINGS_MEAN", "CC_ATM_DRAWINGS_MEAN"),
    _trend("CC_DPD_TREND", "R28", "Card days past due, one year", "CC_M12_DPD_MEAN", "CC_DPD_MEAN"),
    _trend("POS_DPD_TREND", "R26", "Days past due, one year", "POS_M12_DPD_MEAN", "POS_DPD_MEAN"),
    _trend("BUREAU_CREDIT_TREND", "R19", "Bureau loan amounts, latest", "BUREAU_CREDIT_LAST", "BUREAU_CREDIT_MEAN"),
    Computed("HISTORY_MISSING", "R22", "How many kinds of history are missing", _any_history()),
)
