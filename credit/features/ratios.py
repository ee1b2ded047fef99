"""Features computed from the application alone: ratios and combinations that lenders look at."""

from __future__ import annotations

from dataclasses import dataclass

from credit.features.columns import NEVER
from credit.features.expressions import (
    Expr,
    below,
    col,
    count_missing,
    is_missing,
    largest,
    mean,
    missing_if,
    smallest,
    spread,
    total,
)
from credit.schema import APPLICATION_COLUMNS


@dataclass(frozen=True, slots=True)
class Computed:
    """A feature by its expression over application columns and, for combined features, history features."""

    name: str
    subject: str
    description: str
    expr: Expr
    monotone: int = 0


CREDIT = col("AMT_CREDIT")
INCOME = col("AMT_INCOME_TOTAL")
ANNUITY = col("AMT_ANNUITY")
GOODS = col("AMT_GOODS_PRICE")
AGE = col("DAYS_BIRTH")
EMPLOYED = missing_if(col("DAYS_EMPLOYED"), NEVER)
FAMILY = col("CNT_FAM_MEMBERS")
SOURCES = (col("EXT_SOURCE_1"), col("EXT_SOURCE_2"), col("EXT_SOURCE_3"))
EXT_1, EXT_2, EXT_3 = SOURCES
_DOCUMENTS = tuple(col(c.name) for c in APPLICATION_COLUMNS if c.name.startswith("FLAG_DOCUMENT_"))
_BUILDING = tuple(col(c.name) for c in APPLICATION_COLUMNS if c.name.endswith("_AVG"))
_ENQUIRIES = tuple(col(c.name) for c in APPLICATION_COLUMNS if c.name.startswith("AMT_REQ_CREDIT_BUREAU_"))
_ADDRESSES = tuple(col(c.name) for c in APPLICATION_COLUMNS if "_NOT_" in c.name)
_PHONES = tuple(col(f"FLAG_{kind}") for kind in ("EMP_PHONE", "WORK_PHONE", "CONT_MOBILE", "PHONE", "EMAIL"))

APPLICATION_FEATURES: tuple[Computed, ...] = (
    Computed("CREDIT_TO_INCOME", "R02", "Credit amount over yearly income", CREDIT / INCOME),
    Computed("GOODS_TO_INCOME", "R02", "Price of the goods over yearly income", GOODS / INCOME),
    Computed("ANNUITY_TO_INCOME", "R03", "Annuity over yearly income", ANNUITY / INCOME),
    Computed("INCOME_AFTER_ANNUITY", "R03", "Yearly income less the annuity", INCOME - ANNUITY),
    Computed("ANNUITY_TO_CREDIT", "R04", "Annuity over credit amount: the speed of repayment", ANNUITY / CREDIT),
    Computed("CREDIT_TO_GOODS", "R04", "Credit amount over the price of the goods", CREDIT / GOODS),
    Computed("CREDIT_LESS_GOODS", "R04", "Credit amount beyond the price of the goods", CREDIT - GOODS),
    Computed("ANNUITY_TO_GOODS", "R04", "Annuity over the price of the goods", ANNUITY / GOODS),
    Computed("EMPLOYED_TO_AGE", "R05", "Part of life spent with the current employer", EMPLOYED / AGE),
    Computed("AGE_LESS_EMPLOYED", "R05", "Days of life before the current employment", AGE - EMPLOYED),
    Computed(
        "EMPLOYED_UNDER_A_YEAR", "R05", "Less than a year in the current employment", below(EMPLOYED * -1.0, 365.0)
    ),
    Computed("INCOME_TO_EMPLOYED", "R05", "Yearly income over days employed", INCOME / EMPLOYED),
    Computed("CREDIT_TO_EMPLOYED", "R05", "Credit amount over days employed", CREDIT / EMPLOYED),
    Computed("INCOME_TO_AGE", "R07", "Yearly income over age", INCOME / AGE),
    Computed("CREDIT_TO_AGE", "R02", "Credit amount over age", CREDIT / AGE),
    Computed("INCOME_PER_PERSON", "R18", "Yearly income for each family member", INCOME / FAMILY),
    Computed("CREDIT_PER_PERSON", "R18", "Credit amount for each family member", CREDIT / FAMILY),
    Computed("CHILDREN_TO_FAMILY", "R18", "Children over family members", col("CNT_CHILDREN") / FAMILY),
    Computed("ADULTS", "R18", "Family members who are not children", FAMILY - col("CNT_CHILDREN")),
    Computed("CAR_AGE_TO_AGE", "R11", "Age of the car over age", col("OWN_CAR_AGE") / AGE),
    Computed("CAR_AGE_TO_EMPLOYED", "R11", "Age of the car over days employed", col("OWN_CAR_AGE") / EMPLOYED),
    Computed(
        "PHONE_CHANGE_TO_AGE", "R14", "Time since the phone changed over age", col("DAYS_LAST_PHONE_CHANGE") / AGE
    ),
    Computed(
        "PHONE_CHANGE_TO_EMPLOYED",
        "R14",
        "Time since the phone changed over days employed",
        col("DAYS_LAST_PHONE_CHANGE") / EMPLOYED,
    ),
    Computed("ID_TO_AGE", "R15", "Time since the identity document changed over age", col("DAYS_ID_PUBLISH") / AGE),
    Computed(
        "REGISTRATION_TO_AGE", "R15", "Time since the registration changed over age", col("DAYS_REGISTRATION") / AGE
    ),
    Computed(
        "ID_LESS_REGISTRATION",
        "R15",
        "Days between the changes of registration and identity document",
        col("DAYS_ID_PUBLISH") - col("DAYS_REGISTRATION"),
    ),
    Computed("DOCUMENTS", "R15", "Number of documents supplied", total(*_DOCUMENTS)),
    Computed("CONTACTS", "R14", "Number of ways to reach the applicant", total(*_PHONES)),
    Computed("ADDRESS_MISMATCHES", "R13", "Number of disagreements between addresses", total(*_ADDRESSES), 1),
    Computed("BUILDING_MISSING", "R10", "How much of the building's description is missing", count_missing(*_BUILDING)),
    Computed("ENQUIRIES", "R16", "Bureau enquiries within a year and a quarter", total(*_ENQUIRIES)),
    Computed(
        "ENQUIRIES_RECENT",
        "R16",
        "Bureau enquiries within the last month",
        total(*(col(f"AMT_REQ_CREDIT_BUREAU_{span}") for span in ("HOUR", "DAY", "WEEK", "MON"))),
    ),
    Computed(
        "CIRCLE_DEFAULT_RATE_30",
        "R17",
        "Part of the observable people around the applicant who were 30 days past due",
        col("DEF_30_CNT_SOCIAL_CIRCLE") / col("OBS_30_CNT_SOCIAL_CIRCLE"),
        1,
    ),
    Computed(
        "CIRCLE_DEFAULT_RATE_60",
        "R17",
        "Part of the observable people around the applicant who were 60 days past due",
        col("DEF_60_CNT_SOCIAL_CIRCLE") / col("OBS_60_CNT_SOCIAL_CIRCLE"),
        1,
    ),
    Computed("EXT_MEAN", "R01", "Mean of the external scores", mean(*SOURCES), -1),
    Computed("EXT_MIN", "R01", "Lowest external score", smallest(*SOURCES), -1),
    Computed("EXT_MAX", "R01", "Highest external score", largest(*SOURCES), -1),
    Computed("EXT_PRODUCT", "R01", "Product of the three external scores", EXT_1 * EXT_2 * EXT_3, -1),
    Computed("EXT_SPREAD", "R01", "Spread of the external scores", spread(*SOURCES)),
    Computed("EXT_MISSING", "R01", "Number of missing external scores", count_missing(*SOURCES)),
    Computed("EXT_1_TIMES_3", "R01", "Product of the first and third external score", EXT_1 * EXT_3, -1),
    Computed("EXT_2_TIMES_3", "R01", "Product of the second and third external score", EXT_2 * EXT_3, -1),
    Computed("EXT_1_TIMES_2", "R01", "Product of the first and second external score", EXT_1 * EXT_2, -1),
    Computed(
        "EXT_WEIGHTED",
        "R01",
        "External scores weighted 2, 3 and 4, over the weights of those that are not missing",
        total(EXT_1 * 2.0, EXT_2 * 3.0, EXT_3 * 4.0)
        / (is_missing(EXT_1) * -2.0 + is_missing(EXT_2) * -3.0 + is_missing(EXT_3) * -4.0 + 9.0),
        -1,
    ),
    Computed("EXT_MEAN_TIMES_AGE", "R01", "Mean of the external scores times age", mean(*SOURCES) * AGE),
    Computed("CREDIT_TO_EXT_MEAN", "R01", "Credit amount over the mean external score", CREDIT / mean(*SOURCES)),
    Computed("ANNUITY_TO_EXT_MEAN", "R01", "Annuity over the mean external score", ANNUITY / mean(*SOURCES)),
    Computed("EXT_3_LESS_2", "R01", "Third external score less the second", EXT_3 - EXT_2),
)
