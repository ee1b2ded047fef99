"""History features from earlier applications with the bank itself."""

from __future__ import annotations

from credit.features.history import ALL, HistoryFeature, Relation, Subset, Value, counts, declare

PREVIOUS = Relation(
    "PREV",
    ("previous_application",),
    "previous_application",
    "(DAYS_DECISION * 100000000::BIGINT + SK_ID_PREV)",
    "earlier applications",
)
APPROVED = Subset("APPROVED", "NAME_CONTRACT_STATUS = 'Approved'", " that were approved")
REFUSED = Subset("REFUSED", "NAME_CONTRACT_STATUS = 'Refused'", " that were refused")
_CANCELLED = Subset("CANCELLED", "NAME_CONTRACT_STATUS = 'Canceled'", " that were cancelled")
_UNUSED = Subset("UNUSED", "NAME_CONTRACT_STATUS = 'Unused offer'", " whose offer was not used")
_RECENT = Subset("Y1", "DAYS_DECISION >= -365", " within a year")
_TWO_YEARS = Subset("Y2", "DAYS_DECISION >= -730", " within two years")
_REFUSED_RECENT = Subset(
    "REFUSED_Y1", "NAME_CONTRACT_STATUS = 'Refused' AND DAYS_DECISION >= -365", " that were refused within a year"
)
_RUNNING = Subset(
    "RUNNING",
    "NAME_CONTRACT_STATUS = 'Approved' AND DAYS_TERMINATION = 365243",
    " whose credit is still running",
)
_CASH = Subset("CASH", "NAME_CONTRACT_TYPE = 'Cash loans'", " for cash loans")
_CONSUMER = Subset("CONSUMER", "NAME_CONTRACT_TYPE = 'Consumer loans'", " for consumer loans")
_REVOLVING = Subset("REVOLVING", "NAME_CONTRACT_TYPE = 'Revolving loans'", " for revolving loans")
_KINDS = (_CASH, _CONSUMER, _REVOLVING)
_REASONS = tuple(
    Subset(f"REASON_{code}", f"CODE_REJECT_REASON = '{code}'", f" refused for reason {code}")
    for code in ("HC", "LIMIT", "SCO", "SCOFR")
)
_YIELDS = tuple(
    Subset(f"YIELD_{key}", f"NAME_YIELD_GROUP = '{code}'", f" of the interest group '{code}'")
    for key, code in (("HIGH", "high"), ("MIDDLE", "middle"), ("LOW", "low_normal"), ("ACTION", "low_action"))
)
_PRODUCTS = (
    Subset("XSELL", "NAME_PRODUCT_TYPE = 'x-sell'", " from cross-selling"),
    Subset("WALKIN", "NAME_PRODUCT_TYPE = 'walk-in'", " from walk-in clients"),
    Subset("STREET", "PRODUCT_COMBINATION LIKE '%Street%'", " for street products"),
    Subset("NEW", "NAME_CLIENT_TYPE = 'New'", " made as a new client"),
    Subset("INSURED", "NFLAG_INSURED_ON_APPROVAL = 1", " with an insurance"),
)

_AMOUNT = Value("CREDIT", "AMT_CREDIT", "credit amount", "R24")
_ASKED = Value("ASKED", "AMT_APPLICATION", "amount asked for", "R24")
_ANNUITY = Value("ANNUITY", "AMT_ANNUITY", "annuity", "R24")
_GIVEN_RATIO = Value(
    "ASKED_RATIO", "AMT_APPLICATION / nullif(AMT_CREDIT, 0)", "amount asked for over credit", "R24", 0, 1e-6
)
_DOWN = Value("DOWN", "RATE_DOWN_PAYMENT", "down payment rate", "R24", 0, 1e-6)
_TERM = Value("TERM", "CNT_PAYMENT", "term in months", "R24", 0, 1.0)
_SPEED = Value("SPEED", "AMT_ANNUITY / nullif(AMT_CREDIT, 0)", "annuity over credit", "R24", 0, 1e-6)
_INTEREST = Value(
    "INTEREST",
    "CASE WHEN CNT_PAYMENT > 0 THEN (AMT_ANNUITY * CNT_PAYMENT / nullif(AMT_CREDIT, 0) - 1) / CNT_PAYMENT END",
    "interest a month, estimated",
    "R24",
    0,
    1e-6,
)
_DECIDED = Value("DAYS", "DAYS_DECISION", "day of the decision, before the application", "R25", 0, 1.0)
_REFUSED_DAY = Value("DAYS", "DAYS_DECISION", "day of the decision, before the application", "R23", 0, 1.0)
_HOUR = Value("HOUR", "HOUR_APPR_PROCESS_START", "hour of the application", "R25", 0, 1.0)
_PLACE = Value("PLACE", "nullif(SELLERPLACE_AREA, -1)", "area of the seller's place", "R25", 0, 1.0)
_FIRST_DUE = Value("FIRST_DUE", "nullif(DAYS_FIRST_DUE, 365243)", "first due day", "R25", 0, 1.0)
_LAST_DUE = Value("LAST_DUE", "nullif(DAYS_LAST_DUE, 365243)", "last due day", "R25", 0, 1.0)
_AGREED_DUE = Value(
    "AGREED_DUE", "nullif(DAYS_LAST_DUE_1ST_VERSION, 365243)", "last due day as first agreed", "R24", 0, 1.0
)
_ENDED = Value("ENDED", "nullif(DAYS_TERMINATION, 365243)", "day it ended", "R25", 0, 1.0)
_DUE_SHIFT = Value(
    "DUE_SHIFT",
    "nullif(DAYS_LAST_DUE_1ST_VERSION, 365243) - nullif(DAYS_LAST_DUE, 365243)",
    "days repaid ahead of the first agreement",
    "R26",
    0,
    1.0,
)
_PRODUCT = Value("PRODUCT", "PRODUCT_COMBINATION", "product", "R25", 0, 1.0)
_REFUSED_FLAG = Value(
    "REFUSED",
    "(NAME_CONTRACT_STATUS = 'Refused')::INT",
    "refusal flag",
    "R23",
    1,
    1.0,
)

PREVIOUS_FEATURES: tuple[HistoryFeature, ...] = (
    *counts(PREVIOUS, "R25", (ALL, APPROVED, _UNUSED, _RECENT, _TWO_YEARS, _RUNNING)),
    *counts(PREVIOUS, "R23", (REFUSED, _REFUSED_RECENT, *_REASONS), monotone=1),
    *counts(PREVIOUS, "R23", (_CANCELLED,)),
    *counts(PREVIOUS, "R24", (*_KINDS, *_YIELDS, *_PRODUCTS)),
    *declare(
        PREVIOUS,
        (ALL, APPROVED),
        (
            (_AMOUNT, ("sum", "mean", "max", "min")),
            (_ASKED, ("mean", "max")),
            (_ANNUITY, ("mean", "max", "sum")),
            (_GIVEN_RATIO, ("mean", "min", "max")),
            (_DOWN, ("mean", "max")),
            (_TERM, ("mean", "max", "sum")),
            (_SPEED, ("mean", "max")),
            (_INTEREST, ("mean", "max", "min")),
            (_DECIDED, ("min", "max", "mean")),
            (_HOUR, ("mean",)),
            (_PLACE, ("mean",)),
        ),
    ),
    *declare(
        PREVIOUS,
        (APPROVED,),
        (
            (_FIRST_DUE, ("min", "max")),
            (_LAST_DUE, ("max",)),
            (_AGREED_DUE, ("max", "mean")),
            (_ENDED, ("max", "mean")),
            (_DUE_SHIFT, ("mean", "max", "min")),
        ),
    ),
    *declare(
        PREVIOUS,
        (REFUSED,),
        ((_AMOUNT, ("mean", "max")), (_ASKED, ("mean",)), (_TERM, ("mean",)), (_REFUSED_DAY, ("max", "min"))),
    ),
    *declare(PREVIOUS, (_RUNNING,), ((_AMOUNT, ("sum",)), (_ANNUITY, ("sum",)), (_AGREED_DUE, ("max",)))),
    *declare(PREVIOUS, _KINDS, ((_AMOUNT, ("mean",)), (_DECIDED, ("max",)), (_TERM, ("mean",)))),
    *declare(PREVIOUS, (_RECENT,), ((_AMOUNT, ("sum", "max")), (_ANNUITY, ("sum",)), (_REFUSED_FLAG, ("mean",)))),
    *declare(
        PREVIOUS,
        (ALL,),
        (
            (_AMOUNT, ("last",)),
            (_SPEED, ("last",)),
            (_TERM, ("last",)),
            (_INTEREST, ("last",)),
            (_GIVEN_RATIO, ("last",)),
            (_REFUSED_FLAG, ("last",)),
            (_PRODUCT, ("distinct",)),
        ),
    ),
)
