"""The tables of docs/scaling.md are those that the figures give."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.scaling.__main__ import PAGE
from benchmarks.scaling.measured import CoreFigure, OneCore, digest, write
from benchmarks.scaling.page import cores, read_simulations, rewritten, size, tables


def test_the_page_holds_what_the_figures_give() -> None:
    """Nothing in a table was typed by hand, and nothing is older than its figures."""
    measured = OneCore.read()
    page = PAGE.read_text()
    assert rewritten(page, tables(measured, read_simulations(measured))) == page


def test_what_came_of_other_figures_is_refused(tmp_path: Path) -> None:
    """A figure that is measured again makes the simulation old."""
    old = tmp_path / "simulated.json"
    old.write_text('{"figures": "of before", "clusters": {}, "results": {}}')
    with pytest.raises(ValueError, match="other figures"):
        read_simulations(OneCore.read(), old)


def test_a_table_without_a_place_is_told() -> None:
    """A marker that somebody removed does not lose a table in silence."""
    with pytest.raises(ValueError, match="no place for needs"):
        rewritten("# Scaling\n", {"needs": "| a |"})


def test_figures_are_written_beside_the_others(tmp_path: Path) -> None:
    """One is measured again, the others stay, each on a line of its own."""
    file = tmp_path / "measured.json"
    file.write_text('{"a": {"value": 1, "unit": "u", "what": "w", "again": "g"}}')
    before = digest(file)
    write({"b": CoreFigure(2.5, "us", "what it is", "make it")}, file)
    assert len(file.read_text().splitlines()) == 4
    assert digest(file) != before


def test_numbers_are_told_as_people_read_them() -> None:
    """Units of ten, few digits."""
    assert [size(value) for value in (950, 12_345, 9.9e12, 3e16)] == ["950 B", "12.3 kB", "9.9 TB", "30 PB"]
    assert [cores(value) for value in (0.0157, 15.64, 1234.5)] == ["0.02", "15.6", "1,234.5"]
