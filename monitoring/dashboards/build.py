"""From a short description of panels to Grafana's dashboards, by its own SDK."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

DATASOURCE_UID = "loanstream-prometheus"
TAG = "loanstream"
Kind = Literal["lines", "stack", "stat", "heat", "table"]


@dataclass(frozen=True)
class Panel:
    """One panel: PromQL queries with legends, a unit of Grafana's, and where its data come from.

    needs: what must have happened for it to show anything besides traffic through both doors (labels, a challenger,
    earlier days), empty for nothing more.
    """

    title: str
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    kind: Kind = "lines"
    text: str = ""
    width: int = 8
    needs: str = ""
    limit: float | None = None


@dataclass(frozen=True)
class Board:
    """A dashboard: rows of panels under headings."""

    uid: str
    title: str
    text: str
    rows: tuple[tuple[str, tuple[Panel, ...]], ...]
    span: str = "now-6h"

    @property
    def panels(self) -> list[Panel]:
        return [panel for _, panels in self.rows for panel in panels]


def dashboard_json(board: Board) -> dict[str, Any]:
    """Return a dashboard as Grafana's JSON; the same board gives the same JSON."""
    from grafana_foundation_sdk.builders import common, dashboard
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.models.dashboard import DashboardCursorSync, DataSourceRef, GridPos

    builder = (
        dashboard.Dashboard(board.title)
        .uid(board.uid)
        .description(board.text)
        .tags([TAG])
        .refresh("30s")
        .time(board.span, "now")
        .timezone("browser")
        .tooltip(DashboardCursorSync.CROSSHAIR)  # one crosshair for all panels: causes stand above their effects
    )
    for kind, colour in (("deployment", "blue"), ("promotion", "purple")):
        builder = builder.annotation(_annotations(kind, colour))
    number, y = 0, 0
    source = DataSourceRef(type_val="prometheus", uid=DATASOURCE_UID)
    for heading, panels in board.rows:
        number += 1
        builder = builder.with_row(dashboard.Row(heading).id(number).grid_pos(GridPos(h=1, w=24, x=0, y=y)))
        y += 1
        x = 0
        for panel in panels:
            number += 1
            if x + panel.width > 24:
                x, y = 0, y + 8
            builder = builder.with_panel(_panel(panel, number, source, GridPos(h=8, w=panel.width, x=x, y=y), common))
            x += panel.width
        y += 8
    document: dict[str, Any] = json.loads(JSONEncoder(sort_keys=True).encode(builder.build()))
    for annotation in document["annotations"]["list"]:
        # The SDK writes a field of later Grafanas, which the types of the one that we run do not know.
        annotation.pop("placement", None)
    return document


def _annotations(kind: str, colour: str) -> Any:
    from grafana_foundation_sdk.builders.dashboard import AnnotationQuery, AnnotationTarget
    from grafana_foundation_sdk.models.dashboard import DataSourceRef

    target = AnnotationTarget().limit(100).match_any(False).tags([TAG, kind]).type("tags")
    return (
        AnnotationQuery()
        .name(f"{kind}s")
        .datasource(DataSourceRef(type_val="grafana", uid="-- Grafana --"))
        .enable(True)
        .icon_color(colour)
        .target(cast("Any", target))
    )


def _panel(panel: Panel, number: int, source: Any, place: Any, common: Any) -> Any:
    from grafana_foundation_sdk.builders import heatmap, prometheus, stat, table, timeseries
    from grafana_foundation_sdk.builders.dashboard import ThresholdsConfig
    from grafana_foundation_sdk.models.dashboard import Threshold, ThresholdsMode
    from grafana_foundation_sdk.models.prometheus import PromQueryFormat

    kinds = {"lines": timeseries, "stack": timeseries, "stat": stat, "heat": heatmap, "table": table}
    builder = kinds[panel.kind].Panel()
    builder = builder.title(panel.title).id(number).description(panel.text).datasource(source).grid_pos(place)
    if panel.kind != "heat":
        builder = builder.unit(panel.unit)
    if panel.limit is not None and panel.kind in {"lines", "stat"}:
        steps = [Threshold(value=None, color="green"), Threshold(value=panel.limit, color="red")]
        builder = builder.thresholds(ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(steps))
        if panel.kind == "lines":
            style = common.GraphThresholdsStyleConfig().mode("dashed")
            builder = builder.thresholds_style(style)
    if panel.kind == "stack":
        builder = builder.stacking(common.StackingConfig().mode("normal")).fill_opacity(40)
    for place_of, (expression, legend) in enumerate(panel.queries):
        query = prometheus.Dataquery().expr(expression).legend_format(legend).ref_id(chr(ord("A") + place_of))
        query = query.datasource(source)
        if panel.kind == "table":
            query = query.instant().format(PromQueryFormat.TABLE)
        elif panel.kind == "heat":
            query = query.format(PromQueryFormat.HEATMAP)
        builder = builder.with_target(query)
    return builder


def queries(boards: Sequence[Board]) -> list[tuple[Board, Panel, str]]:
    """Return every query of every board, for tests against a real Prometheus."""
    return [(board, panel, expression) for board in boards for panel in board.panels for expression, _ in panel.queries]
