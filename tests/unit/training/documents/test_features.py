"""The generated list of features."""

from pathlib import Path

from training.documents.features import features_document


def test_the_feature_document_is_that_of_the_code() -> None:
    """docs/features.md is written anew whenever a feature changes: `make generate`."""
    written = Path(__file__).parents[4] / "docs" / "features.md"
    assert written.read_text(encoding="utf-8") == features_document()
