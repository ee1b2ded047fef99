"""Every feature of the catalog has a meaning in French, whatever it is made of."""

from collections.abc import Iterator

import pytest

from credit.features import CATALOG
from desk.words import speak
from desk.words.features import feature_words


@pytest.fixture
def _french() -> Iterator[None]:
    speak("fr")
    yield
    speak("en")


@pytest.mark.usefixtures("_french")
def test_no_feature_is_left_in_english() -> None:
    """A new feature needs its words in desk/words/feature_texts.py, or in the parts of history_texts.py."""
    left = [
        feature.description for feature in CATALOG.features if feature_words(feature.description) == feature.description
    ]
    assert left == []


@pytest.mark.usefixtures("_french")
def test_meanings_are_put_together_from_their_parts() -> None:
    assert feature_words("Highest days late, payments of instalments within a year") == (
        "Le plus haut : jours de retard (paiements d'échéances dans l'année)"
    )
    assert feature_words("Number of loans with other lenders that are active") == (
        "Nombre : prêts chez d'autres prêteurs en cours"
    )
    assert feature_words("Document 3 supplied") == "Document 3 fourni"
    assert feature_words("Living area, mode of the building, normalised") == (
        "Surface habitable, mode de l'immeuble, normalisé"
    )


def test_what_is_not_known_and_english_stay_as_they_are() -> None:
    assert feature_words("Yearly income") == "Yearly income"
    speak("fr")
    assert feature_words("Number of moons") == "Number of moons"
    speak("en")
