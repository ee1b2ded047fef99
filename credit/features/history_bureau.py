"""History features from the credit bureau: loans with other lenders and their monthly balances."""

from __future__ import annotations

from credit.features.history import ALL, HistoryFeature, Relation, Subset, Value, counts, declare

BUREAU = Relation(
    "BUREAU", ("bureau",), "bureau", "(DAYS_CREDIT * 100000000::BIGINT + SK_ID_BUREAU)", "loans with other lenders"
)
LOAN_MONTHS = Relation(
    "BB",
    ("bureau_balance", "bureau"),
    "(SELECT SK_ID_CURR, CREDIT_ACTIVE, DAYS_CREDIT, m.* FROM bureau JOIN (SELECT SK_ID_BUREAU, count(*) AS MONTHS, "
    "count(*) FILTER (STATUS IN ('1', '2', '3', '4', '5')) AS LATE, "
    "count(*) FILTER (STATUS IN ('1', '2', '3', '4', '5') AND MONTHS_BALANCE >= -12) AS LATE_12, "
    "count(*) FILTER (STATUS = 'X') AS UNKNOWN, count(*) FILTER (STATUS = 'C') AS CLOSED, "
    "max(CASE WHEN STATUS BETWEEN '1' AND '5' THEN ascii(STATUS) - 48 ELSE 0 END) AS WORST, "
    "max(CASE WHEN STATUS BETWEEN '1' AND '5' THEN MONTHS_BALANCE END) AS LAST_LATE, "
    "min(MONTHS_BALANCE) AS FIRST_MONTH, max(MONTHS_BALANCE) AS LAST_MONTH "
    "FROM bureau_balance GROUP BY SK_ID_BUREAU) m USING (SK_ID_BUREAU))",
    "(DAYS_CREDIT * 100000000::BIGINT + SK_ID_BUREAU)",
    "loans with other lenders whose months are known",
)

ACTIVE = Subset("ACTIVE", "CREDIT_ACTIVE = 'Active'", " that are active")
CLOSED = Subset("CLOSED", "CREDIT_ACTIVE = 'Closed'", " that are closed")
RECENT = Subset("Y1", "DAYS_CREDIT >= -365", " taken within a year")
TWO_YEARS = Subset("Y2", "DAYS_CREDIT >= -730", " taken within two years")
_KINDS = (
    Subset("CONSUMER", "CREDIT_TYPE = 'Consumer credit'", " that are consumer credits"),
    Subset("CARD", "CREDIT_TYPE = 'Credit card'", " that are credit cards"),
    Subset("MORTGAGE", "CREDIT_TYPE = 'Mortgage'", " that are mortgages"),
    Subset("CAR", "CREDIT_TYPE = 'Car loan'", " that are car loans"),
    Subset("MICRO", "CREDIT_TYPE = 'Microloan'", " that are microloans"),
)
_OVERDUE = Subset("OVERDUE", "AMT_CREDIT_MAX_OVERDUE > 0", " that were ever overdue")

_CREDIT = Value("CREDIT", "AMT_CREDIT_SUM", "amount", "R19")
_DEBT = Value("DEBT", "AMT_CREDIT_SUM_DEBT", "debt", "R19")
_DEBT_RATIO = Value("DEBT_RATIO", "AMT_CREDIT_SUM_DEBT / nullif(AMT_CREDIT_SUM, 0)", "debt over amount", "R19", 0, 1e-6)
_LIMIT = Value("LIMIT", "AMT_CREDIT_SUM_LIMIT", "card limit", "R19")
_ANNUITY = Value("ANNUITY", "AMT_ANNUITY", "annuity", "R19")
_OVERDUE_NOW = Value("OVERDUE", "AMT_CREDIT_SUM_OVERDUE", "amount overdue", "R20", 1)
_OVERDUE_MAX = Value("MAX_OVERDUE", "AMT_CREDIT_MAX_OVERDUE", "highest amount ever overdue", "R20", 1)
_OVERDUE_RATIO = Value(
    "MAX_OVERDUE_RATIO",
    "AMT_CREDIT_MAX_OVERDUE / nullif(AMT_CREDIT_SUM, 0)",
    "highest amount ever overdue over the amount",
    "R20",
    1,
    1e-6,
)
_DAYS_OVERDUE = Value("DAYS_OVERDUE", "CREDIT_DAY_OVERDUE", "days overdue", "R20", 1, 1.0)
_PROLONGED = Value("PROLONG", "CNT_CREDIT_PROLONG", "prolongations", "R20", 0, 1.0)
_TAKEN = Value("DAYS", "DAYS_CREDIT", "day taken, before the application", "R21", 0, 1.0)
_AGE = Value("DAYS", "DAYS_CREDIT", "day taken, before the application", "R22", 0, 1.0)
_END = Value(
    "END",
    "CASE WHEN DAYS_CREDIT_ENDDATE > -36500 THEN DAYS_CREDIT_ENDDATE END",
    "agreed end, in days from the application",
    "R22",
    0,
    1.0,
)
_TERM = Value(
    "TERM",
    "CASE WHEN DAYS_CREDIT_ENDDATE > -36500 THEN DAYS_CREDIT_ENDDATE - DAYS_CREDIT END",
    "agreed term in days",
    "R22",
    0,
    1.0,
)
_EARLY = Value(
    "EARLY",
    "CASE WHEN DAYS_CREDIT_ENDDATE > -36500 THEN DAYS_CREDIT_ENDDATE - DAYS_ENDDATE_FACT END",
    "days closed ahead of the agreed end",
    "R20",
    0,
    1.0,
)
_UPDATE = Value("UPDATE", "greatest(DAYS_CREDIT_UPDATE, -36500)", "day of the bureau's last news", "R21", 0, 1.0)
_TYPE = Value("TYPE", "CREDIT_TYPE", "kind of loan", "R21", 0, 1.0)

_MONTHS = Value("MONTHS", "MONTHS", "months known", "R22", 0, 1.0)
_LATE = Value("LATE", "LATE", "late months", "R20", 1, 1.0)
_LATE_SHARE = Value("LATE_SHARE", "LATE / MONTHS", "share of late months", "R20", 1, 1e-6)
_LATE_12 = Value("LATE_12", "LATE_12", "late months within the last year", "R20", 1, 1.0)
_WORST = Value("WORST", "WORST", "worst arrears bucket", "R20", 1, 1.0)
_LAST_LATE = Value("LAST_LATE", "LAST_LATE", "last late month", "R20", 0, 1.0)
_UNKNOWN = Value("UNKNOWN", "UNKNOWN / MONTHS", "share of months of unknown state", "R20", 0, 1e-6)
_CLOSED_SHARE = Value("C", "CLOSED / MONTHS", "share of months after closure", "R22", 0, 1e-6)
_FIRST = Value("FIRST", "FIRST_MONTH", "first month known", "R22", 0, 1.0)

BUREAU_FEATURES: tuple[HistoryFeature, ...] = (
    *counts(BUREAU, "R21", (ALL, ACTIVE, RECENT, TWO_YEARS, *_KINDS)),
    *counts(BUREAU, "R22", (CLOSED,)),
    *counts(BUREAU, "R20", (_OVERDUE,), monotone=1),
    *declare(
        BUREAU,
        (ALL, ACTIVE),
        (
            (_CREDIT, ("sum", "mean", "max")),
            (_DEBT, ("sum", "mean", "max")),
            (_DEBT_RATIO, ("mean", "max")),
            (_LIMIT, ("sum", "mean")),
            (_ANNUITY, ("sum", "max")),
            (_OVERDUE_NOW, ("sum", "max")),
            (_OVERDUE_MAX, ("mean", "max")),
            (_OVERDUE_RATIO, ("max",)),
            (_DAYS_OVERDUE, ("max",)),
            (_PROLONGED, ("sum",)),
            (_TAKEN, ("max", "mean")),
            (_AGE, ("min",)),
            (_END, ("min", "mean", "max")),
            (_TERM, ("mean", "max")),
            (_UPDATE, ("mean", "max")),
        ),
    ),
    *declare(
        BUREAU,
        (CLOSED,),
        (
            (_CREDIT, ("sum", "mean", "max")),
            (_OVERDUE_MAX, ("mean", "max")),
            (_TAKEN, ("max", "mean")),
            (_AGE, ("min",)),
            (_EARLY, ("mean", "max", "min")),
            (_TERM, ("mean",)),
        ),
    ),
    *declare(
        BUREAU,
        (RECENT, TWO_YEARS),
        ((_CREDIT, ("sum", "max")), (_DEBT, ("sum",)), (_OVERDUE_MAX, ("max",)), (_DEBT_RATIO, ("mean",))),
    ),
    *declare(
        BUREAU,
        _KINDS[:4],
        ((_CREDIT, ("sum",)), (_DEBT, ("sum",)), (_TAKEN, ("max",)), (_OVERDUE_MAX, ("max",))),
    ),
    *declare(BUREAU, (ALL,), ((_TYPE, ("distinct",)), (_CREDIT, ("last", "first")), (_TERM, ("last",)))),
    *counts(LOAN_MONTHS, "R22", (ALL, ACTIVE)),
    *declare(
        LOAN_MONTHS,
        (ALL, ACTIVE, CLOSED),
        (
            (_MONTHS, ("sum", "max")),
            (_LATE, ("sum", "max")),
            (_LATE_SHARE, ("mean", "max")),
            (_LATE_12, ("sum",)),
            (_WORST, ("max", "mean")),
        ),
    ),
    *declare(
        LOAN_MONTHS,
        (ALL,),
        (
            (_LAST_LATE, ("max",)),
            (_UNKNOWN, ("mean",)),
            (_CLOSED_SHARE, ("mean",)),
            (_FIRST, ("min",)),
            (_WORST, ("last",)),
            (_LATE_SHARE, ("last",)),
        ),
    ),
)
