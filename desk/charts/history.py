"""Decisions of one client along time, against the policy's bands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desk.charts.chart import Chart, Rows
from desk.charts.drawing import blank, hundred, outcome_name
from desk.charts.looks import Look
from desk.charts.times import clock
from desk.words import _, moment, percent


@dataclass(frozen=True, slots=True)
class DecisionPoint:
    """One decision: when, in milliseconds since the epoch, how risky, and what came out; `final` after a review."""

    at_ms: int
    probability: float
    outcome: str
    final: str | None = None


def decisions_over_time(
    decisions: Sequence[DecisionPoint], *, refer_from: float, decline_from: float, look: Look
) -> Chart:
    """Each decision as a point in time and risk, marked by its outcome; the policy's refer band lies behind."""
    ordered = sorted(decisions, key=lambda one: one.at_ms)
    figure = blank(look, height=320)
    top = max([decline_from * 1.6, *(one.probability * 1.25 for one in ordered)], default=0.2)
    figure.add_hrect(
        y0=refer_from, y1=decline_from, fillcolor=look.palette.refer_soft, line={"width": 0}, layer="below"
    )
    for edge in {refer_from, decline_from}:
        figure.add_hline(y=edge, line={"color": look.muted, "width": 1, "dash": "dot"})
    figure.add_scatter(
        x=[clock(one.at_ms) for one in ordered],
        y=[one.probability for one in ordered],
        mode="lines",
        line={"color": look.muted, "width": 1.5},
        showlegend=False,
        hoverinfo="skip",
    )
    for outcome in ("approve", "refer", "decline"):
        mark = look.outcome(outcome)
        points = [one for one in ordered if one.outcome == outcome]
        if points:
            figure.add_scatter(
                x=[clock(one.at_ms) for one in points],
                y=[one.probability for one in points],
                mode="markers",
                marker=mark.point(look.paper, 14),
                name=f"{mark.sign} {outcome_name(outcome)}",
                text=[f"{moment(one.at_ms)}<br>{percent(one.probability)}" for one in points],
                hovertemplate="%{text}<extra></extra>",
            )
    figure.update_yaxes(tickformat=".0%", range=[0, min(top, 1.0)], title_text=_("risk of default"))
    figure.update_xaxes(type="date", nticks=6)
    if len(ordered) == 1:
        figure.update_xaxes(tickvals=[clock(ordered[0].at_ms)], ticktext=[moment(ordered[0].at_ms)])
    said = [_("{count} decisions, newest last.").format(count=len(ordered))]
    said += [f"{moment(one.at_ms)}: {outcome_name(one.outcome)}, {percent(one.probability)}." for one in ordered[-12:]]
    table: Rows = [
        {
            _("Decided"): moment(one.at_ms),
            _("Risk of default (%)"): hundred(one.probability),
            _("Outcome"): outcome_name(one.outcome),
            _("After review"): None if one.final is None else outcome_name(one.final),
        }
        for one in ordered
    ]
    return Chart(_("Decisions over time"), figure, " ".join(said), table)
