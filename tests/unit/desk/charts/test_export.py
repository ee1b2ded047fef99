"""Charts as files."""

import io
import zipfile

from desk.charts.bands import rates_by_band
from desk.charts.export import ReportSection, as_csv, data_archive, on_paper, report_page
from desk.charts.looks import DARK, LIGHT
from tests.fixtures.told import theme

CHART = rates_by_band(theme.bands, "approval", lambda band: band.band, look=LIGHT)
SECTION = ReportSection("Age & more", ["Approvals <differ>."], {"age-approval": CHART})


def test_csv_has_the_headings_and_all_digits() -> None:
    text = as_csv(CHART.table).decode("utf-8-sig").splitlines()
    assert text[0].startswith("Band,Applications,Approval rate (%)")
    assert text[1].startswith("18-25,200,50.0,45.0,55.0")
    assert len(text) == 5
    assert as_csv([]) == "\ufeff\r\n".encode()


def test_the_archive_has_a_file_a_chart_and_all_sentences() -> None:
    with zipfile.ZipFile(io.BytesIO(data_archive([SECTION]))) as archive:
        assert sorted(archive.namelist()) == ["age-approval.csv", "findings.txt"]
        said = archive.read("findings.txt").decode()
    assert "- Approvals <differ>." in said
    assert CHART.alternative in said


def test_the_report_stands_alone_and_lets_each_figure_be_saved() -> None:
    """No address is fetched; what people typed cannot become markup."""
    page = report_page("Portfolio", ["All time"], [SECTION], LIGHT).decode()
    assert "<li>Approvals &lt;differ&gt;.</li>" in page
    assert "Age &amp; more" in page
    assert '<script src="' not in page
    assert page.count('data-figure="figure-age-approval"') == 2
    assert "<td>18-25</td>" in page
    assert CHART.alternative.replace("&", "&amp;") in page


def test_a_picture_has_ground_and_title_and_the_page_s_figure_none() -> None:
    figure = on_paper(CHART, DARK)
    assert figure.layout.paper_bgcolor == DARK.palette.surface
    assert CHART.title in figure.layout.title.text
    assert CHART.figure.layout.title.text is None
