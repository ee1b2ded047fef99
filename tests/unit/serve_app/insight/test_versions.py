"""Registered versions as they are told."""

from __future__ import annotations

from datetime import UTC, datetime

from registered_model.version_history import PassedGate, promotion_tags, rehearsal_tag
from serve_app.insight.versions import versions
from serve_app.models.registered_versions import RegisteredVersion
from tests.fixtures.rehearsals import rehearsal_report

AT = datetime(2026, 3, 10, 8, 30, tzinfo=UTC)


class Known:
    """Two versions: the second was promoted by force after a rehearsal, the first registered by an older Loanstream."""

    def registered(self) -> list[RegisteredVersion]:
        gate = PassedGate(gate="auc", figure=0.7, bound=0.74, passed=False)
        tags = promotion_tags([gate], AT) | rehearsal_tag(rehearsal_report(made_at=AT))
        tags |= {"digest": "d2", "forced_reason": "lost a table", "forced_by": "eve", "forced_at": "x"}
        return [
            RegisteredVersion("2", 1_773_131_400_000, ("champion",), {"auc": 0.7}, tags),
            RegisteredVersion("1", 1_773_000_000_000, (), {"auc": 0.75}, {"digest": "d1"}),
        ]


def test_a_version_tells_its_promotion_gates_and_rehearsals() -> None:
    """Who forced it past which gate, and how its rehearsal went."""
    newest, oldest = versions(Known())
    assert newest["promoted_at"] == "2026-03-10T08:30:00+00:00"
    assert newest["gates"] == [{"gate": "auc", "figure": 0.7, "bound": 0.74, "passed": False}]
    assert newest["forced"] == {"reason": "lost a table", "by": "eve", "at": "x", "gates": None}
    assert newest["rehearsals"][0]["applications"] == 2000
    assert newest["created_at"] == "2026-03-10T08:30:00+00:00"
    assert (oldest["promoted_at"], oldest["forced"], oldest["rehearsals"], oldest["gates"]) == (None, None, [], [])
