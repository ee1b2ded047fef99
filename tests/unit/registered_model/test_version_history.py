"""A version's life in its tags."""

from __future__ import annotations

from datetime import UTC, datetime

from registered_model.version_history import (
    PROMOTED_AT,
    PassedGate,
    gates_of,
    promotion_tags,
    rehearsal_tag,
    rehearsals_of,
)
from tests.fixtures.rehearsals import rehearsal_report

AT = datetime(2026, 3, 10, 8, 30, tzinfo=UTC)


def test_a_promotion_reads_back() -> None:
    """Its time and each gate with both figures; a figure that was never logged is null."""
    gates = (
        PassedGate(gate="auc", figure=0.75, bound=0.74, passed=True),
        PassedGate(gate="cost", figure=None, bound=0.5, passed=False),
    )
    tags = promotion_tags(gates, AT)
    assert tags[PROMOTED_AT] == "2026-03-10T08:30:00+00:00"
    assert gates_of(tags) == gates


def test_rehearsals_read_back_in_the_order_of_their_time() -> None:
    """Each has a tag of its own, so that a second one does not replace the first."""
    later = rehearsal_report(made_at=AT.replace(day=11), applications=3000)
    tags = rehearsal_tag(later) | rehearsal_tag(rehearsal_report(made_at=AT)) | {"digest": "d"}
    assert [found.applications for found in rehearsals_of(tags)] == [2000, 3000]
    assert rehearsals_of(tags)[0].cost_candidate == 0.29


def test_tags_that_say_nothing_are_no_history() -> None:
    """A version of an older Loanstream, or with a tag that somebody wrote by hand, is listed all the same."""
    assert gates_of({}) == ()
    assert gates_of({"promotion_gates": "all of them"}) == ()
    assert rehearsals_of({"rehearsal.x": "{"}) == ()
