"""A report's page."""

from __future__ import annotations

from streaming.proof.report_page import report_page
from tests.fixtures.rehearsals import rehearsal_report


def test_the_page_shows_the_matrix_and_escapes_names() -> None:
    """A model version that is markup stays text; each figure has its row, the matrix its cells."""
    page = report_page(rehearsal_report(candidate=("<script>",)))
    assert "<script>" not in page
    assert "Rehearsal of version &lt;script&gt;" in page
    assert "<tr><th>approve</th><td>1,500</td><td>60</td><td>0</td></tr>" in page
    assert "<td>expected cost at taken approval rate</td><td>taken: 0.3; candidate: 0.29</td>" in page
    assert "realised" not in page
