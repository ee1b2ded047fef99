"""Features that a small booster of the model's own predicts from the rest of the row.

An external score that is missing is predicted, and one that is given is set against what the rest of the row suggests.
An application tells its credit and annuity but neither term nor interest; earlier cash loans tell all of them, so that
their prices say which term and which interest these amounts stand for.
"""

from __future__ import annotations

from credit.features.catalog import Feature

DERIVED_TARGETS: dict[str, str] = {f"EXT_SOURCE_{i}_PREDICTED": f"EXT_SOURCE_{i}" for i in (1, 2, 3)}

# What an earlier credit's row tells and an application's does not: an expression over previous_application.
EARLIER_TARGETS: dict[str, str] = {
    "TERM_PREDICTED": "CNT_PAYMENT",
    "INTEREST_PREDICTED": "AMT_ANNUITY / AMT_CREDIT - 1 / CNT_PAYMENT",
    "REPAID_PREDICTED": "AMT_ANNUITY * CNT_PAYMENT / AMT_CREDIT",
    "OVERPAID_PREDICTED": "AMT_ANNUITY * CNT_PAYMENT - AMT_CREDIT",
}
# The rows it is learned from, by the columns of previous_application, and the features it is predicted by.
EARLIER_ROWS = "NAME_CONTRACT_TYPE = 'Cash loans' AND CNT_PAYMENT > 0 AND AMT_ANNUITY > 0 AND AMT_CREDIT > 0"
EARLIER_INPUTS: tuple[str, ...] = (
    "AMT_CREDIT",
    "AMT_ANNUITY",
    "AMT_GOODS_PRICE",
    "ANNUITY_TO_CREDIT",
    "CREDIT_TO_GOODS",
    "ANNUITY_TO_GOODS",
    "CREDIT_LESS_GOODS",
)
_EARLIER_TEXT = {
    "TERM_PREDICTED": "Term in months, as earlier cash loans of these amounts had it",
    "INTEREST_PREDICTED": "Interest a month, as earlier cash loans of these amounts bore it",
    "REPAID_PREDICTED": "All that is repaid over the credit, as with earlier cash loans of these amounts",
    "OVERPAID_PREDICTED": "All that is repaid beyond the credit, as with earlier cash loans of these amounts",
}

DERIVED_FEATURES: tuple[Feature, ...] = (
    *(
        Feature(
            name,
            "derived",
            "R01",
            f"{target} as predicted from the rest of the application",
            f"booster({target})",
        )
        for name, target in DERIVED_TARGETS.items()
    ),
    *(
        Feature(
            name,
            "derived",
            "R04",
            _EARLIER_TEXT[name],
            f"booster({target}; previous_application where {EARLIER_ROWS}) of {', '.join(EARLIER_INPUTS)}",
        )
        for name, target in EARLIER_TARGETS.items()
    ),
)
