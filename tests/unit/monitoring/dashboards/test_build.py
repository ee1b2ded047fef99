"""A dashboard's JSON."""

from __future__ import annotations

from typing import Any

import pytest

from monitoring.dashboards.boards import BOARDS
from monitoring.dashboards.build import dashboard_json


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.uid)
def test_a_dashboard_is_whole(board: Any) -> None:
    """Panels have unique ids, do not overlap, and ask the project's data source."""
    document = dashboard_json(board)
    panels = document["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    cells = [
        (x, y)
        for p in panels
        for x in range(p["gridPos"]["x"], p["gridPos"]["x"] + p["gridPos"]["w"])
        for y in range(p["gridPos"]["y"], p["gridPos"]["y"] + p["gridPos"]["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) == 23
    for panel in panels:
        for target in panel.get("targets", []):
            assert target["datasource"]["uid"] == "loanstream-prometheus"
            assert target["expr"]
    assert document["uid"] == board.uid
