"""The measured part of a page."""

from pathlib import Path

from training.documents.page import BEGIN, END, replace_sections, split_sections, write_between_marks

ORDER = ["First", "Second", "Third"]


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


def test_a_section_made_anew_leaves_every_other_byte(tmp_path: Path) -> None:
    """Introduction, other sections and the page around the marks stay; the section keeps its place."""
    page = tmp_path / "training.md"
    old = f"# Mine\n\n{BEGIN}\n\nintro\n\n### First\n\na\n\n| b |\n\n### Third\n\nc\n\n{END}\nafter\n"
    page.write_text(old)
    replace_sections(page, {"First": "new\n\nlines"}, ORDER)
    assert page.read_text() == old.replace("a\n\n| b |", "new\n\nlines")
    replace_sections(page, {"First": "a\n\n| b |"}, ORDER)
    assert page.read_text() == old


def test_a_new_section_finds_its_place(tmp_path: Path) -> None:
    """Behind those that come before it in the order; a section that the order does not know is kept."""
    page = tmp_path / "training.md"
    write_between_marks(page, "### First\n\na\n\n### Of old\n\nb\n\n### Third\n\nc")
    replace_sections(page, {"Second": "new"}, ORDER)
    text = page.read_text().partition(BEGIN)[2].partition(END)[0]
    assert list(split_sections(text)[1].items()) == [("First", "a"), ("Second", "new"), ("Of old", "b"), ("Third", "c")]


def test_a_page_without_measures_takes_single_sections(tmp_path: Path) -> None:
    """There need not be a whole report before."""
    page = tmp_path / "training.md"
    replace_sections(page, {"Third": "c", "First": "a"}, ORDER)
    assert page.read_text() == f"# Training\n\n{BEGIN}\n\n### First\n\na\n\n### Third\n\nc\n\n{END}\n"
