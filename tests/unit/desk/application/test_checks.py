"""What a form says is wrong, and the application that it makes."""

from __future__ import annotations

from desk.application.checks import application_of, faults_of, number_of, values_of
from desk.application.fields import FIELDS
from desk.application.values import Seen
from desk.words import speak


def form(**changes: Seen) -> dict[str, Seen]:
    return {column: spec.default for column, spec in FIELDS.items()} | changes


def test_the_defaults_are_an_application() -> None:
    """A new form can be sent as it stands, and leaves out what is empty."""
    speak("en")
    assert faults_of(form()) == []
    application = application_of(100001, form(), {"HOUR_APPR_PROCESS_START": 9})
    assert application["SK_ID_CURR"] == 100001
    assert application["DAYS_BIRTH"] == -14610
    assert application["HOUR_APPR_PROCESS_START"] == 9
    assert "EXT_SOURCE_1" not in application
    assert all(cell is not None for cell in application.values())


def test_what_is_needed_is_asked_for() -> None:
    """A field that must be filled in is named with what to do."""
    speak("en")
    (fault,) = faults_of(form(AMT_CREDIT=None))
    assert fault == ("AMT_CREDIT", "Credit asked for: fill this in, nothing can be decided without it.")


def test_values_out_of_range_are_named() -> None:
    """Bounds are told in the unit of the form."""
    speak("en")
    assert faults_of(form(DAYS_BIRTH=12.0))[0] == ("DAYS_BIRTH", "Age: give a value from 18 to 100.")
    assert [column for column, _ in faults_of(form(EXT_SOURCE_1=1.2))] == ["EXT_SOURCE_1"]


def test_values_that_contradict_each_other_are_named() -> None:
    """Payments above the credit, work longer than life, more children than people, a car that is not there."""
    speak("en")
    assert [c for c, _ in faults_of(form(AMT_ANNUITY=900_000.0))] == ["AMT_ANNUITY"]
    assert [c for c, _ in faults_of(form(DAYS_BIRTH=30.0, DAYS_EMPLOYED=25.0))] == ["DAYS_EMPLOYED"]
    assert [c for c, _ in faults_of(form(CNT_CHILDREN=2.0))] == ["CNT_FAM_MEMBERS"]
    assert [c for c, _ in faults_of(form(FLAG_OWN_CAR="no", OWN_CAR_AGE=3.0))] == ["OWN_CAR_AGE"]


def test_faults_are_told_in_the_language_spoken() -> None:
    """A French form says what is wrong in French, with numbers as French writes them."""
    speak("fr")
    try:
        assert faults_of(form(AMT_CREDIT=10.0, AMT_ANNUITY=None))[0][1].startswith("Crédit demandé : indiquez")
    finally:
        speak("en")


def test_an_application_has_the_number_of_its_content() -> None:
    """Sent again it is the same application, changed it is another, and the number fits the API's rule for ids."""
    one = application_of(1, form(), {})
    assert number_of(one) == number_of(dict(reversed(one.items())))
    assert number_of(one) != number_of(one | {"AMT_CREDIT": 1.0})
    assert len(number_of(one)) <= 64


def test_a_stored_application_fills_the_form() -> None:
    """What is on file becomes the values of the form."""
    values = values_of({"AMT_CREDIT": 5.0, "DAYS_BIRTH": -14610, "FLAG_OWN_CAR": "Y"})
    assert values["AMT_CREDIT"] == 5.0
    assert values["DAYS_BIRTH"] == 40.0
    assert values["FLAG_OWN_CAR"] == "yes"
    assert values["EXT_SOURCE_3"] is None
