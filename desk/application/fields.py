"""The fields of an application that a person knows by name, in the groups in which a form asks for them.

Days that count back from the application (DAYS_BIRTH) are asked for and shown in years, flags as yes or no. Columns
that stand in no group are known by the API's catalog only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from desk.words import N_

FieldKind = Literal["amount", "years", "count", "score", "choice", "flag", "text_flag"]
DAYS_A_YEAR: Final = 365.25


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One column as a person sees it.

    kind: years are stored as negative days, flags as 0 and 1, text flags as N and Y. low, high: what the form takes,
    in the unit that is shown. default: what a new form begins with.
    """

    column: str
    label: str
    kind: FieldKind
    choices: tuple[str, ...] = ()
    required: bool = False
    low: float = 0
    high: float = 0
    step: float = 1
    default: float | str | None = None
    help: str = ""


_CONTRACTS = ("Cash loans", "Revolving loans")
_GENDERS = ("F", "M")
_FAMILY = ("Single / not married", "Married", "Civil marriage", "Separated", "Widow")
_EDUCATION = (
    "Lower secondary",
    "Secondary / secondary special",
    "Incomplete higher",
    "Higher education",
    "Academic degree",
)
_INCOME = (
    "Working",
    "Commercial associate",
    "State servant",
    "Pensioner",
    "Businessman",
    "Student",
    "Maternity leave",
    "Unemployed",
)
_HOUSING = (
    "House / apartment",
    "Rented apartment",
    "Municipal apartment",
    "Office apartment",
    "Co-op apartment",
    "With parents",
)
_OCCUPATIONS = (
    "Accountants",
    "Cleaning staff",
    "Cooking staff",
    "Core staff",
    "Drivers",
    "HR staff",
    "High skill tech staff",
    "IT staff",
    "Laborers",
    "Low-skill Laborers",
    "Managers",
    "Medicine staff",
    "Private service staff",
    "Realty agents",
    "Sales staff",
    "Secretaries",
    "Security staff",
    "Waiters/barmen staff",
)
_SCORE_HELP = N_("Between 0 (bad) and 1 (good), as the agency gives it; leave empty where there is none.")
_NO_REASON = N_("Never a reason of a decision; the model reads it only where the bank has set so.")

GROUPS: Final[dict[str, tuple[FieldSpec, ...]]] = {
    N_("The credit"): (
        FieldSpec("NAME_CONTRACT_TYPE", N_("Kind of credit"), "choice", _CONTRACTS, True, default="Cash loans"),
        FieldSpec("AMT_CREDIT", N_("Credit asked for"), "amount", (), True, 1000, 10_000_000, 5000, 500_000.0),
        FieldSpec("AMT_ANNUITY", N_("Yearly payments"), "amount", (), False, 0, 1_000_000, 500, 25_000.0),
        FieldSpec("AMT_GOODS_PRICE", N_("Price of the goods"), "amount", (), False, 0, 10_000_000, 5000, 450_000.0),
    ),
    N_("Income and work"): (
        FieldSpec("AMT_INCOME_TOTAL", N_("Yearly income"), "amount", (), True, 1000, 100_000_000, 5000, 150_000.0),
        FieldSpec("NAME_INCOME_TYPE", N_("Source of the income"), "choice", _INCOME, default="Working"),
        FieldSpec(
            "DAYS_EMPLOYED",
            N_("Years with the employer"),
            "years",
            high=60,
            step=0.5,
            default=5.0,
            help=N_("Leave empty for somebody without an employer."),
        ),
        FieldSpec("OCCUPATION_TYPE", N_("Occupation"), "choice", _OCCUPATIONS),
    ),
    N_("The applicant"): (
        FieldSpec("DAYS_BIRTH", N_("Age"), "years", (), True, 18, 100, 1, 40.0, _NO_REASON),
        FieldSpec("CODE_GENDER", N_("Gender"), "choice", _GENDERS, help=_NO_REASON),
        FieldSpec("NAME_FAMILY_STATUS", N_("Family status"), "choice", _FAMILY, help=_NO_REASON),
        FieldSpec("CNT_CHILDREN", N_("Children"), "count", high=20, default=0.0),
        FieldSpec("CNT_FAM_MEMBERS", N_("People in the household"), "count", low=1, high=20, default=2.0),
        FieldSpec("NAME_EDUCATION_TYPE", N_("Education"), "choice", _EDUCATION),
    ),
    N_("Home and property"): (
        FieldSpec("NAME_HOUSING_TYPE", N_("Housing"), "choice", _HOUSING),
        FieldSpec("FLAG_OWN_REALTY", N_("Owns a home"), "text_flag"),
        FieldSpec("FLAG_OWN_CAR", N_("Owns a car"), "text_flag"),
        FieldSpec("OWN_CAR_AGE", N_("Age of the car in years"), "count", high=80),
        FieldSpec("DAYS_REGISTRATION", N_("Years at the registered address"), "years", high=90, step=0.5),
    ),
    N_("Contact and papers"): (
        FieldSpec("FLAG_EMP_PHONE", N_("Phone number of the employer"), "flag"),
        FieldSpec("FLAG_WORK_PHONE", N_("Phone number at work"), "flag"),
        FieldSpec("FLAG_PHONE", N_("Phone number at home"), "flag"),
        FieldSpec("FLAG_EMAIL", N_("E-mail address"), "flag"),
        FieldSpec("DAYS_ID_PUBLISH", N_("Years since the identity document was issued"), "years", high=60, step=0.5),
        FieldSpec("DAYS_LAST_PHONE_CHANGE", N_("Years with the same phone number"), "years", high=60, step=0.5),
    ),
    N_("Scores of external agencies"): (
        FieldSpec("EXT_SOURCE_1", N_("External score 1"), "score", high=1, step=0.01, help=_SCORE_HELP),
        FieldSpec("EXT_SOURCE_2", N_("External score 2"), "score", high=1, step=0.01, help=_SCORE_HELP),
        FieldSpec("EXT_SOURCE_3", N_("External score 3"), "score", high=1, step=0.01, help=_SCORE_HELP),
    ),
}
FIELDS: Final[dict[str, FieldSpec]] = {spec.column: spec for group in GROUPS.values() for spec in group}
# What the page "What if" moves first: what an applicant and an adviser talk about.
WHAT_IF_FIRST: Final = (
    "AMT_CREDIT",
    "AMT_GOODS_PRICE",
    "AMT_ANNUITY",
    "AMT_INCOME_TOTAL",
    "DAYS_EMPLOYED",
    "EXT_SOURCE_2",
    "EXT_SOURCE_3",
    "NAME_INCOME_TYPE",
    "NAME_HOUSING_TYPE",
)
