"""What would help, in the language spoken."""

from __future__ import annotations

from desk.client.simulations import ChangedField, SuggestedChange
from desk.parts.changes import change_words
from desk.words import speak


def test_a_move_is_an_instruction_with_its_amounts() -> None:
    """Amounts stand where the move's sentence has them, and French has its own sentence."""
    field = ChangedField(field="AMT_CREDIT", before=500_000.0, after=410_000.0)
    change = SuggestedChange(move="borrow_less", words="Ask for a credit of 410000.", fields=[field])
    speak("en")
    assert change_words(change) == "Ask for a credit of 410,000."
    speak("fr")
    try:
        assert change_words(change).startswith("Demander un crédit de 410")
    finally:
        speak("en")


def test_a_move_that_the_desk_does_not_know_is_told_as_the_api_does() -> None:
    """A later move is shown in the API's own words."""
    assert change_words(SuggestedChange(move="new", words="Do something new.", fields=[])) == "Do something new."
