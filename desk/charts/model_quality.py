"""How good the model is: whether its probabilities are true, and how it treats groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from desk.charts.chart import Chart, Rows
from desk.charts.drawing import blank, hundred, row_height, whiskers, wrapped
from desk.charts.looks import Look
from desk.client.model import CalibrationRecord, GroupRecord
from desk.words import _, number, percent


def calibration(points: Sequence[CalibrationRecord], *, look: Look) -> Chart:
    """Observed against predicted default rates with intervals of 95 %; on the diagonal the model is right."""
    figure = blank(look, height=440)
    reach = 1.08 * max([0.01, *(max(point.predicted, point.high) for point in points)])
    figure.add_scatter(
        x=[0, reach],
        y=[0, reach],
        mode="lines",
        line={"color": look.muted, "dash": "dash", "width": 1.5},
        name=_("where predicted and observed are equal"),
        hoverinfo="skip",
    )
    observed = [point.observed for point in points]
    bars = whiskers(observed, [point.low for point in points], [point.high for point in points], look)
    figure.add_scatter(
        x=[point.predicted for point in points],
        y=observed,
        mode="lines+markers",
        line=look.approve.line(2),
        marker=look.approve.point(look.paper, 9),
        error_y=bars | {"color": look.approve.colour, "width": 3},
        name=_("observed, with its interval"),
        customdata=[number(point.count) for point in points],
        hovertemplate="%{x:.1%} → %{y:.1%} (n = %{customdata})<extra></extra>",
    )
    figure.update_xaxes(tickformat=".0%", range=[0, reach], title_text=_("predicted risk of default"))
    figure.update_yaxes(tickformat=".0%", range=[0, reach], title_text=_("share that defaulted"))
    inside = sum(point.low <= point.predicted <= point.high for point in points)
    worst = max(points, key=lambda point: abs(point.observed - point.predicted), default=None)
    alternative = _(
        "In {inside} of {count} groups of like risk, the prediction lies within the interval of what happened."
    ).format(inside=inside, count=len(points))
    if worst is not None:
        alternative += " " + _("Furthest apart: predicted {predicted}, observed {observed}.").format(
            predicted=percent(worst.predicted), observed=percent(worst.observed)
        )
    table: Rows = [
        {
            _("Predicted (%)"): hundred(point.predicted),
            _("Observed (%)"): hundred(point.observed),
            _("From (%)"): hundred(point.low),
            _("To (%)"): hundred(point.high),
            _("Applicants"): point.count,
        }
        for point in points
    ]
    return Chart(_("Are the probabilities true?"), figure, alternative, table)


def fairness(
    groups: Sequence[GroupRecord], name_of: Callable[[str], str], *, look: Look, impact: float | None = None
) -> Chart:
    """Approval and default rates of the groups of one attribute, with intervals; groups with more applicants first."""
    ordered = sorted(groups, key=lambda group: -group.count)
    names = [f"{name_of(group.group)} ({number(group.count)})" for group in ordered]
    figure = blank(look, height=row_height(len(ordered), each=60))
    for kind, mark, name, lift in (
        ("approval", look.approve, _("approval rate"), -0.14),
        ("default", look.decline, _("default rate"), 0.14),
    ):
        values = [float(getattr(group, f"{kind}_rate")) for group in ordered]
        bars = whiskers(
            values,
            [getattr(group, f"{kind}_low") for group in ordered],
            [getattr(group, f"{kind}_high") for group in ordered],
            look,
        )
        figure.add_scatter(
            x=values,
            y=[row + lift for row in range(len(ordered))],
            mode="markers+text",
            marker=mark.point(look.paper, 13),
            error_x=bars | {"color": mark.colour, "width": 4},
            name=name,
            text=[percent(value) for value in values],
            textposition="top center" if lift < 0 else "bottom center",
            cliponaxis=False,
            customdata=names,
            hovertemplate="%{customdata}: %{text}<extra></extra>",
        )
    figure.update_yaxes(
        tickvals=list(range(len(ordered))),
        ticktext=[wrapped(name) for name in names],
        range=[len(ordered) - 0.3, -0.7],
        showgrid=False,
        tickfont={"color": look.ink},
    )
    figure.update_xaxes(tickformat=".0%", range=[-0.03, 1.05])
    said = [
        _("{group}: {approval} approved, {default} default.").format(
            group=name_of(group.group), approval=percent(group.approval_rate), default=percent(group.default_rate)
        )
        for group in ordered
    ]
    if impact is not None:
        said.append(_("Lowest approval rate over the highest: {ratio}.").format(ratio=percent(impact, 0)))
    table: Rows = [
        {
            _("Group"): name_of(group.group),
            _("Applicants"): group.count,
            _("Approval rate (%)"): hundred(group.approval_rate),
            _("Default rate (%)"): hundred(group.default_rate),
            _("Repayers declined (%)"): hundred(group.false_declines),
            _("Defaulters approved (%)"): hundred(group.false_approvals),
            _("AUC"): None if group.auc is None else round(group.auc, 4),
        }
        for group in ordered
    ]
    return Chart(_("Groups beside each other"), figure, " ".join(said), table)
