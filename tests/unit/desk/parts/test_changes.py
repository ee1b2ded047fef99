"""What would help, in the language spoken."""

from __future__ import annotations

from desk.client.simulations import ChangedField, SuggestedChange
from desk.parts.changes import change_words
from desk.words import speak

AMOUNTS = {"AMT_CREDIT": "410,000", "AMT_ANNUITY": "16,530"}


def test_a_move_is_an_instruction_with_its_amounts() -> None:
    """Amounts stand where the move's sentence has them, and French has its own sentence."""
    field = ChangedField(field="AMT_CREDIT", before=500_000.0, after=410_000.0)
    change = SuggestedChange(move="borrow_less", words="Ask for a credit of 410000.", fields=[field])
    speak("en")
    assert change_words(change, AMOUNTS) == "Ask for a credit of 410,000."
    speak("fr")
    try:
        assert change_words(change, AMOUNTS).startswith("Demander un crédit de 410")
    finally:
        speak("en")


def test_a_column_that_two_moves_change_is_told_with_both() -> None:
    """The API gives its values with the first move only; the second one's sentence has them all the same."""
    second = SuggestedChange(move="longer_term", words="Agree on a longer term, with payments of 16530.", fields=[])
    assert change_words(second, AMOUNTS) == "Agree on a longer term, with payments of 16,530."
    assert change_words(second, {}) == "Agree on a longer term, with payments of 16530."


def test_a_move_that_the_desk_does_not_know_is_told_as_the_api_does() -> None:
    """A later move is shown in the API's own words."""
    new = SuggestedChange(move="new", words="Do something new.", fields=[])
    assert change_words(new, AMOUNTS) == "Do something new."
