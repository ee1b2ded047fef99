"""The threshold explorer: what another threshold would have cost."""

from __future__ import annotations

from desk.charts.chart import Chart, Rows
from desk.charts.drawing import blank, hundred
from desk.charts.looks import Look
from desk.client.portfolio import ThresholdPoint, ThresholdRecord
from desk.words import _, number, percent

UPPER, LOWER = [0.56, 1.0], [0.0, 0.42]


def nearest_point(record: ThresholdRecord, threshold: float) -> ThresholdPoint:
    """The point of the curve that lies nearest to a threshold."""
    return min(record.thresholds, key=lambda point: abs(point.threshold - threshold))


def threshold_explorer(record: ThresholdRecord, chosen: float, *, look: Look) -> Chart:
    """Cost above, approval rate and share of defaults approved below, along the threshold; today's, the cheapest and
    the chosen threshold stand as lines."""
    points = record.thresholds
    figure = blank(look, height=520, yaxis={"domain": UPPER}, yaxis2={"domain": LOWER, "anchor": "x"})
    at = [point.threshold for point in points]
    every = points[-1].defaults or 1.0
    for name, mark, values, axis, form in (
        (_("cost"), look.refer, [point.cost for point in points], "y", ",.0f"),
        (_("approval rate"), look.approve, [point.approval_rate for point in points], "y2", ".1%"),
        (_("share of defaults approved"), look.decline, [point.defaults / every for point in points], "y2", ".1%"),
    ):
        figure.add_scatter(
            x=at,
            y=values,
            yaxis=axis,
            mode="lines",
            line=mark.line(3),
            name=name,
            hovertemplate=f"%{{x:.1%}}: %{{y:{form}}}<extra>{name}</extra>",
        )
    shown = [(chosen, _("chosen"), "solid", 3)]
    if abs(record.current - chosen) > 1e-9:
        shown.append((record.current, _("today"), "dot", 2))
    if record.cheapest is not None:
        shown.append((record.cheapest, _("cheapest"), "dash", 2))
    for row, (where, name, dash, width) in enumerate(shown):
        figure.add_shape(
            type="line",
            x0=where,
            x1=where,
            y0=0,
            y1=1,
            yref="paper",
            line={"color": look.ink, "width": width, "dash": dash},
        )
        figure.add_annotation(
            x=where, y=0.985 - 0.062 * row, yref="paper", xanchor="left", xshift=6, text=f"{name} {percent(where)}",
            bgcolor=look.paper,
        )  # fmt: skip
    reach = min(1.0, max(0.3, 2.2 * max(where for where, *_rest in shown)))
    visible = [point.cost for point in points if point.threshold <= reach]
    figure.update_layout(
        xaxis={
            "anchor": "y2",
            "tickformat": ".0%",
            "range": [0, reach],
            "title": {"text": _("threshold: from this risk on, declined")},
        },
        yaxis={"title": {"text": _("cost")}, "range": [0, 1.12 * max(visible)]},
        yaxis2={"tickformat": ".0%", "range": [0, 1.04]},
    )
    return Chart(_("What another threshold would cost"), figure, _said(record, chosen), _table(points))


def _said(record: ThresholdRecord, chosen: float) -> str:
    told = [(_("At {threshold}, chosen"), chosen), (_("At {threshold}, today's"), record.current)]
    if record.cheapest is not None:
        told.append((_("At {threshold}, the cheapest"), record.cheapest))
    said = []
    for name, threshold in told:
        point = nearest_point(record, threshold)
        said.append(
            name.format(threshold=percent(threshold))
            + ": "
            + _("cost {cost}, {approved} approved, {defaults} defaults among them, {good} repayers declined.").format(
                cost=number(point.cost),
                approved=percent(point.approval_rate),
                defaults=number(point.defaults),
                good=number(point.declined_good),
            )
        )
    return " ".join(said)


def _table(points: list[ThresholdPoint]) -> Rows:
    return [
        {
            _("Threshold (%)"): hundred(point.threshold),
            _("Cost"): point.cost,
            _("Approval rate (%)"): hundred(point.approval_rate),
            _("Defaults approved"): point.defaults,
            _("Repayers declined"): point.declined_good,
        }
        for point in points
    ]
