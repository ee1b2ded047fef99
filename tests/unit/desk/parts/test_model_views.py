"""The model's measures, versions and card."""

from desk.client.model import VersionRecord
from desk.parts.model_views import lowered_headings, measure_figures, version_rows
from tests.fixtures.told import model

VERSION = VersionRecord.model_validate(
    {
        "version": "7", "aliases": ["champion"], "created_at": "2026-11-26T05:00:00+00:00", "measures": {"auc": 0.76},
        "promoted_at": None, "gates": [
            {"gate": "auc", "figure": 0.76, "bound": 0.75, "passed": True},
            {"gate": "psi", "figure": 0.3, "bound": 0.1, "passed": False},
        ],
        "forced": None, "rehearsals": [],
    }
)  # fmt: skip


def test_measures_have_their_interval_where_it_is_known() -> None:
    auc, brier = measure_figures(model)
    assert (auc.value, auc.note) == ("0.7600", "between 0.7500 and 0.7700")
    assert brier.note == ""


def test_versions_tell_their_role_and_how_many_gates_they_passed() -> None:
    (row,) = version_rows([VERSION])
    assert (row["Role"], row["Gates passed"], row["Promoted"], row["AUC"]) == ("champion", "1 / 2", "–", 0.76)


def test_a_card_has_no_heading_above_the_page_s_and_no_picture_that_is_not_there() -> None:
    text = lowered_headings("# Card\n![plot](plot.png)\n## Use\ntext # not a heading\n")
    assert text == "### Card\n#### Use\ntext # not a heading\n"
