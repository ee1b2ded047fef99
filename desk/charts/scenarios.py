"""Several scenarios of one application beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from desk.charts.chart import Chart, Rows
from desk.charts.drawing import blank, hundred, outcome_name, row_height, wrapped
from desk.charts.looks import Look
from desk.words import _, percent, points


@dataclass(frozen=True, slots=True)
class Scenario:
    """A name, what it would come to, and how risky it is."""

    name: str
    probability: float
    outcome: str


def scenario_comparison(scenarios: Sequence[Scenario], *, refer_from: float, decline_from: float, look: Look) -> Chart:
    """A bar a scenario in the given order, the first being what is on file; the policy's bands stand as lines."""
    figure = blank(look, height=row_height(len(scenarios), each=56))
    for outcome in ("approve", "refer", "decline"):
        mark = look.outcome(outcome)
        rows = [row for row, one in enumerate(scenarios) if one.outcome == outcome]
        if rows:
            figure.add_bar(
                orientation="h",
                x=[scenarios[row].probability for row in rows],
                y=rows,
                marker=mark.bar(look.paper),
                name=f"{mark.sign} {outcome_name(outcome)}",
                text=[f"<b>{percent(scenarios[row].probability)}</b>" for row in rows],
                textposition="outside",
                cliponaxis=False,
                hovertemplate="%{text}<extra></extra>",
            )
    figure.add_vrect(
        x0=refer_from,
        x1=decline_from,
        fillcolor=look.palette.refer_soft,
        line={"color": look.muted, "width": 1, "dash": "dot"},
        layer="below",
    )
    figure.add_scatter(
        x=[None],
        y=[None],
        mode="lines",
        line={"color": look.muted, "width": 2, "dash": "dot"},
        name=_("between {low} and {high} a person decides").format(low=percent(refer_from), high=percent(decline_from)),
    )
    most = max([decline_from, *(one.probability for one in scenarios)])
    figure.update_xaxes(tickformat=".0%", range=[0, min(most * 1.25, 1.08)], title_text=_("risk of default"))
    figure.update_yaxes(
        tickvals=list(range(len(scenarios))),
        ticktext=[wrapped(one.name) for one in scenarios],
        range=[len(scenarios) - 0.35, -0.6],
        showgrid=False,
        tickfont={"color": look.ink},
    )
    first = scenarios[0].probability if scenarios else 0.0
    said = [
        f"{one.name}: {percent(one.probability)}, {outcome_name(one.outcome)}"
        + ("." if not row else f" ({points(one.probability - first)}).")
        for row, one in enumerate(scenarios)
    ]
    table: Rows = [
        {
            _("Scenario"): one.name,
            _("Risk of default (%)"): hundred(one.probability),
            _("Change (points)"): hundred(one.probability - first),
            _("Outcome"): outcome_name(one.outcome),
        }
        for one in scenarios
    ]
    return Chart(_("Scenarios compared"), figure, " ".join(said), table)
