"""The application's own columns as features: what each means, and the subject it belongs to."""

from __future__ import annotations

from credit.features.catalog import Feature
from credit.schema import APPLICATION_COLUMNS

# name: (subject, description)
_MEANING: dict[str, tuple[str, str]] = {
    "NAME_CONTRACT_TYPE": ("R31", "Cash or revolving loan"),
    "CODE_GENDER": ("R90", "Gender of the applicant"),
    "FLAG_OWN_CAR": ("R11", "Whether the applicant owns a car"),
    "FLAG_OWN_REALTY": ("R09", "Whether the applicant owns a house or flat"),
    "CNT_CHILDREN": ("R18", "Number of children"),
    "AMT_INCOME_TOTAL": ("R07", "Yearly income"),
    "AMT_CREDIT": ("R04", "Amount of the credit"),
    "AMT_ANNUITY": ("R03", "Annuity of the credit"),
    "AMT_GOODS_PRICE": ("R04", "Price of the goods the credit pays for"),
    "NAME_TYPE_SUITE": ("R92", "Who accompanied the applicant"),
    "NAME_INCOME_TYPE": ("R07", "Kind of income"),
    "NAME_EDUCATION_TYPE": ("R08", "Highest education"),
    "NAME_FAMILY_STATUS": ("R92", "Family status"),
    "NAME_HOUSING_TYPE": ("R09", "Kind of housing"),
    "REGION_POPULATION_RELATIVE": ("R12", "Population of the region, normalised"),
    "DAYS_BIRTH": ("R91", "Age in days, negative"),
    "DAYS_EMPLOYED": ("R05", "Days since the current employment began, negative; missing without one"),
    "DAYS_REGISTRATION": ("R15", "Days since the registration changed, negative"),
    "DAYS_ID_PUBLISH": ("R15", "Days since the identity document changed, negative"),
    "OWN_CAR_AGE": ("R11", "Age of the car in years"),
    "FLAG_MOBIL": ("R14", "Mobile phone given"),
    "FLAG_EMP_PHONE": ("R14", "Employer's phone given"),
    "FLAG_WORK_PHONE": ("R14", "Work phone given"),
    "FLAG_CONT_MOBILE": ("R14", "Mobile phone reachable"),
    "FLAG_PHONE": ("R14", "Home phone given"),
    "FLAG_EMAIL": ("R14", "E-mail address given"),
    "OCCUPATION_TYPE": ("R06", "Occupation"),
    "CNT_FAM_MEMBERS": ("R18", "Number of family members"),
    "REGION_RATING_CLIENT": ("R12", "Our rating of the region"),
    "REGION_RATING_CLIENT_W_CITY": ("R12", "Our rating of the region, the city taken into account"),
    "WEEKDAY_APPR_PROCESS_START": ("R31", "Weekday of the application"),
    "HOUR_APPR_PROCESS_START": ("R31", "Hour of the application"),
    "REG_REGION_NOT_LIVE_REGION": ("R13", "Registered and living in different regions"),
    "REG_REGION_NOT_WORK_REGION": ("R13", "Registered and working in different regions"),
    "LIVE_REGION_NOT_WORK_REGION": ("R13", "Living and working in different regions"),
    "REG_CITY_NOT_LIVE_CITY": ("R13", "Registered and living in different cities"),
    "REG_CITY_NOT_WORK_CITY": ("R13", "Registered and working in different cities"),
    "LIVE_CITY_NOT_WORK_CITY": ("R13", "Living and working in different cities"),
    "ORGANIZATION_TYPE": ("R06", "Kind of organisation the applicant works for"),
    "EXT_SOURCE_1": ("R01", "Score of the first external source"),
    "EXT_SOURCE_2": ("R01", "Score of the second external source"),
    "EXT_SOURCE_3": ("R01", "Score of the third external source"),
    "OBS_30_CNT_SOCIAL_CIRCLE": ("R17", "People around the applicant observable for 30 days past due"),
    "DEF_30_CNT_SOCIAL_CIRCLE": ("R17", "People around the applicant who were 30 days past due"),
    "OBS_60_CNT_SOCIAL_CIRCLE": ("R17", "People around the applicant observable for 60 days past due"),
    "DEF_60_CNT_SOCIAL_CIRCLE": ("R17", "People around the applicant who were 60 days past due"),
    "DAYS_LAST_PHONE_CHANGE": ("R14", "Days since the phone number changed, negative"),
    "FONDKAPREMONT_MODE": ("R10", "Who keeps the building's repair fund"),
    "HOUSETYPE_MODE": ("R10", "Kind of building"),
    "TOTALAREA_MODE": ("R10", "Total area of the building, normalised"),
    "WALLSMATERIAL_MODE": ("R10", "Material of the building's walls"),
    "EMERGENCYSTATE_MODE": ("R10", "Whether the building is in a state of emergency"),
    "AMT_REQ_CREDIT_BUREAU_HOUR": ("R16", "Bureau enquiries in the hour before the application"),
    "AMT_REQ_CREDIT_BUREAU_DAY": ("R16", "Bureau enquiries in the day before that hour"),
    "AMT_REQ_CREDIT_BUREAU_WEEK": ("R16", "Bureau enquiries in the week before that day"),
    "AMT_REQ_CREDIT_BUREAU_MON": ("R16", "Bureau enquiries in the month before that week"),
    "AMT_REQ_CREDIT_BUREAU_QRT": ("R16", "Bureau enquiries in the quarter before that month"),
    "AMT_REQ_CREDIT_BUREAU_YEAR": ("R16", "Bureau enquiries in the year before that quarter"),
}

_BUILDING = {
    "APARTMENTS": "Size of the flats",
    "BASEMENTAREA": "Area of the basement",
    "YEARS_BEGINEXPLUATATION": "Years since the building came into use",
    "YEARS_BUILD": "Age of the building",
    "COMMONAREA": "Area in common use",
    "ELEVATORS": "Number of lifts",
    "ENTRANCES": "Number of entrances",
    "FLOORSMAX": "Highest number of floors",
    "FLOORSMIN": "Lowest number of floors",
    "LANDAREA": "Area of the land",
    "LIVINGAPARTMENTS": "Size of the living flats",
    "LIVINGAREA": "Living area",
    "NONLIVINGAPARTMENTS": "Size of the flats not lived in",
    "NONLIVINGAREA": "Area not lived in",
}
_STATISTIC = {"AVG": "average", "MODE": "mode", "MEDI": "median"}

# Attributes that fairness is audited by and that no model reads unless a setting says so.
PROTECTED_COLUMNS = frozenset({"CODE_GENDER", "NAME_FAMILY_STATUS", "NAME_TYPE_SUITE"})
# 365243 days stand for "not employed"; -1 in a number of days cannot be told from a day and stays.
NEVER = 365243.0

# More of these must never lower (+1) or raise (-1) the risk, whatever the rows at hand say.
_MONOTONE = {
    "EXT_SOURCE_1": -1,
    "EXT_SOURCE_2": -1,
    "EXT_SOURCE_3": -1,
    "DEF_30_CNT_SOCIAL_CIRCLE": 1,
    "DEF_60_CNT_SOCIAL_CIRCLE": 1,
    "REGION_RATING_CLIENT": 1,
    "REGION_RATING_CLIENT_W_CITY": 1,
}


def _meaning(name: str) -> tuple[str, str]:
    if name in _MEANING:
        return _MEANING[name]
    if name.startswith("FLAG_DOCUMENT_"):
        return "R15", f"Document {name.removeprefix('FLAG_DOCUMENT_')} supplied"
    part, statistic = name.rsplit("_", 1)
    return "R10", f"{_BUILDING[part]}, {_STATISTIC[statistic]} of the building, normalised"


def column_features() -> tuple[Feature, ...]:
    """Return one feature for each column of the application, in the schema's order."""
    return tuple(
        Feature(
            name=column.name,
            source="application",
            subject=_meaning(column.name)[0],
            description=_meaning(column.name)[1],
            definition="missing_if(DAYS_EMPLOYED, 365243)" if column.name == "DAYS_EMPLOYED" else column.name,
            codes=column.codes,
            monotone=_MONOTONE.get(column.name, 0),
            protected=column.name in PROTECTED_COLUMNS,
        )
        for column in APPLICATION_COLUMNS
    )
