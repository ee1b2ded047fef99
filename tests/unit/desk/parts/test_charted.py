"""A chart's data as a table to read and as a file to take along."""

from __future__ import annotations

import csv
import io

from desk.parts.charted import as_csv, plain_table
from desk.words import speak

ROWS: list[dict[str, str | int | float | None]] = [
    {"Band": "18–25 <young>", "Rate (%)": 12.34567, "Count": 1200},
    {"Band": "26–35", "Rate (%)": None, "Count": 0},
]


def test_a_table_can_be_read_without_seeing_it() -> None:
    """Headings are headings of columns, what is missing is a dash, and nothing of the data is markup."""
    speak("en")
    html = plain_table(ROWS, "Rates")
    assert html.count('<th scope="col">') == 3
    assert "<caption>Rates</caption>" in html
    assert "18–25 &lt;young&gt;" in html
    assert "12.3457" in html
    assert "1,200" in html
    assert '<td class="none">–</td>' in html


def test_a_long_table_says_where_the_rest_is() -> None:
    """The page shows the first rows and says how many more the file has."""
    html = plain_table([{"n": i} for i in range(250)])
    assert html.count("<tr>") == 201
    assert "50 more rows" in html


def test_a_file_has_all_digits() -> None:
    """Numbers are not rounded in the file, and a spreadsheet knows its encoding."""
    text = as_csv(ROWS).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text)))[1] == ["18–25 <young>", "12.34567", "1200"]
    assert as_csv(ROWS).startswith(b"\xef\xbb\xbf")


def test_no_rows_are_an_empty_table() -> None:
    """Nothing to show is no error."""
    assert "<tbody></tbody>" in plain_table([])
    assert as_csv([]).decode("utf-8-sig").strip() == ""
