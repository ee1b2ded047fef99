"""The training report."""

from dataclasses import replace
from pathlib import Path

from training.documents.report import BEGIN, END, smote_verdict, write_between_marks
from training.evaluation.compare import Compared
from training.fit.measures import Measures

PLAIN = Measures(0.75, 0.5, 0.4, 0.25, 0.07, 0.01, 0.55)
HALF = Measures(0.01, 0.02, 0.01, 0.01, 0.001, 0.001, 0.02)


def rows(smote: Measures) -> list[Compared]:
    return [Compared("trees", "nothing", PLAIN, HALF, 1.0), Compared("trees", "SMOTE", smote, HALF, 1.0)]


def test_smote_helps_only_beyond_the_interval() -> None:
    """A gain within the half width of the fit with nothing is none."""
    within = smote_verdict(rows(replace(PLAIN, auc=0.759, cost=0.531)))
    assert "the cost beyond the interval for no kind of model, raises the AUC beyond it for none" in within
    assert "the calibration of none." in within
    beyond = smote_verdict(rows(replace(PLAIN, auc=0.761, cost=0.529, calibration_error=0.02)))
    assert beyond.count("trees") == 3


def test_what_stands_around_the_marks_stays(tmp_path: Path) -> None:
    """Only the text between them is replaced, however often."""
    page = tmp_path / "training.md"
    page.write_text(f"# Mine\n\n{BEGIN}\nold\n{END}\n\nand more\n")
    for text in ("first", "second"):
        write_between_marks(page, text)
    assert page.read_text() == f"# Mine\n\n{BEGIN}\n\nsecond\n\n{END}\n\nand more\n"


def test_a_page_without_marks_is_given_them_at_its_end(tmp_path: Path) -> None:
    """Nothing that was there is lost, and a page that was not there is begun."""
    page = tmp_path / "docs" / "training.md"
    write_between_marks(page, "measured")
    assert page.read_text() == f"# Training\n\n{BEGIN}\n\nmeasured\n\n{END}\n"
    page.write_text("# Mine\n")
    write_between_marks(page, "measured")
    assert page.read_text().startswith("# Mine\n")
    assert f"{BEGIN}\n\nmeasured\n\n{END}" in page.read_text()
