"""What is wrong with a typed application, before the API is asked: the field, and what to do about it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping

from desk.application.fields import FIELDS
from desk.application.values import Seen, Stored, seen, stored
from desk.words import _, amount, decimal

Fault = tuple[str, str]


def faults_of(values: Mapping[str, Seen]) -> list[Fault]:
    """Return the faults of a form's values (by column, in the unit that is shown), in the form's order."""
    return [*_single(values), *_together(values)]


def application_of(client: int, values: Mapping[str, Seen], others: Mapping[str, Stored]) -> dict[str, Stored]:
    """Return the application that a form describes; what was left empty is left out."""
    cells = {column: stored(FIELDS[column], value) for column, value in values.items()} | dict(others)
    return {"SK_ID_CURR": client} | {column: cell for column, cell in cells.items() if cell is not None}


def number_of(application: Mapping[str, Stored]) -> str:
    """Return an application's id made from its content: sent again after an error, it is no second application."""
    content = json.dumps(sorted((column, cell) for column, cell in application.items()))
    return f"desk-{hashlib.sha256(content.encode()).hexdigest()[:24]}"


def values_of(application: Mapping[str, Stored]) -> dict[str, Seen]:
    """Return what a form shows of a stored application."""
    return {column: seen(spec, application.get(column)) for column, spec in FIELDS.items()}


def _single(values: Mapping[str, Seen]) -> Iterator[Fault]:
    for column, spec in FIELDS.items():
        value = values.get(column)
        if value is None or value == "":
            if spec.required:
                yield column, _("{field}: fill this in, nothing can be decided without it.").format(field=_(spec.label))
        elif not isinstance(value, str) and spec.high and not spec.low <= value <= spec.high:
            yield (
                column,
                _("{field}: give a value from {low} to {high}.").format(
                    field=_(spec.label), low=decimal(spec.low), high=decimal(spec.high)
                ),
            )


def _together(values: Mapping[str, Seen]) -> Iterator[Fault]:
    def figure(column: str) -> float | None:
        value = values.get(column)
        return None if value is None or isinstance(value, str) else value

    credit, payments = figure("AMT_CREDIT"), figure("AMT_ANNUITY")
    if credit is not None and payments is not None and payments > credit:
        yield (
            "AMT_ANNUITY",
            _("Yearly payments: they exceed the credit of {credit}; check both amounts.").format(credit=amount(credit)),
        )
    age, employed = figure("DAYS_BIRTH"), figure("DAYS_EMPLOYED")
    if age is not None and employed is not None and employed > age - 14:
        yield (
            "DAYS_EMPLOYED",
            _("Years with the employer: nobody of {age} years has worked that long; check both.").format(
                age=decimal(age, 1)
            ),
        )
    children, household = figure("CNT_CHILDREN"), figure("CNT_FAM_MEMBERS")
    if children is not None and household is not None and children >= household:
        yield "CNT_FAM_MEMBERS", _("People in the household: count the applicant and the children too.")
    if values.get("FLAG_OWN_CAR") == "no" and figure("OWN_CAR_AGE") is not None:
        yield "OWN_CAR_AGE", _("Age of the car: leave it empty, the form says that there is no car.")
