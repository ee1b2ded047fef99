"""The risk gauge: a probability of default from 0 to 100 %, with the policy's bands drawn in."""

from __future__ import annotations

from math import sqrt
from typing import Any

from desk.charts.chart import Chart, Rows
from desk.charts.drawing import blank, hundred
from desk.charts.looks import Look, Mark
from desk.words import _, percent

TICKS = (0.0, 0.01, 0.05, 0.1, 0.25, 0.5, 1.0)
Band = tuple[str, float, float, Mark]


def risk_gauge(probability: float, *, threshold: float, refer_from: float, decline_from: float, look: Look) -> Chart:
    """Half a dial with the bands approve, refer and decline, the threshold as a line and the probability as the needle.

    The scale is the square root's, since banks decide in its first tenth; its ticks say so. All arguments are shares
    from 0 to 1; a policy without a refer band has `refer_from` equal to `decline_from`.
    """
    bands = _bands(refer_from, decline_from, look)
    figure = blank(look, height=320, margin={"l": 24, "r": 24, "t": 24, "b": 60})
    for name, low, high, mark in bands:
        start, end = _angle(low), _angle(high)
        figure.add_barpolar(
            theta=[(start + end) / 2],
            width=[start - end],
            base=[0.74],
            r=[0.26],
            marker={**mark.bar(look.paper), "line": {"color": look.paper, "width": 2}},
            name=f"{mark.sign} {name}",
            hovertemplate=f"{name}: {percent(low)} – {percent(high)}<extra></extra>",
        )
    figure.add_scatterpolar(
        theta=[_angle(threshold)] * 2,
        r=[0.7, 1.08],
        mode="lines",
        line={"color": look.ink, "width": 3, "dash": "dot"},
        name=_("threshold {share}").format(share=percent(threshold)),
        hoverinfo="name",
    )
    figure.add_scatterpolar(
        theta=[_angle(probability)] * 2,
        r=[0.36, 0.9],
        mode="lines+markers",
        line={"color": look.ink, "width": 5},
        marker={"symbol": "diamond", "size": [0, 17], "color": look.ink, "line": {"color": look.paper, "width": 2}},
        name=_("this application"),
        hovertemplate=percent(probability) + "<extra></extra>",
        showlegend=False,
    )
    _dial(figure, look)
    for text, at, font in (
        (f"<b>{percent(probability)}</b>", 0.07, {"size": 34}),
        (_("risk of default"), -0.02, {"color": look.muted}),
    ):
        figure.add_annotation(text=text, x=0.5, y=at, xref="paper", yref="paper", yanchor="bottom", font=font)
    return Chart(_("Risk"), figure, _in_words(probability, threshold, bands), _table(probability, threshold, bands))


def _bands(refer_from: float, decline_from: float, look: Look) -> list[Band]:
    bands = [
        (_("approve"), 0.0, refer_from, look.approve),
        (_("a person decides"), refer_from, decline_from, look.refer),
        (_("decline"), decline_from, 1.0, look.decline),
    ]
    return [band for band in bands if band[2] > band[1]]


def _dial(figure: Any, look: Look) -> None:
    plain = {"showline": False, "showgrid": False, "ticks": ""}
    figure.update_polars(
        sector=[0, 180],
        bgcolor="rgba(0,0,0,0)",
        radialaxis={**plain, "range": [0, 1.1], "showticklabels": False},
        angularaxis={
            **plain,
            "tickvals": [_angle(tick) for tick in TICKS],
            "ticktext": [percent(tick, 0) for tick in TICKS],
            "tickfont": {"size": 13, "color": look.muted},
        },
    )
    figure.update_layout(legend={"x": 0.5, "xanchor": "center", "y": -0.06, "yanchor": "top"})


def _in_words(probability: float, threshold: float, bands: list[Band]) -> str:
    lies = next((name for name, _low, high, _mark in bands if probability < high), bands[-1][0])
    said = _(
        "Risk of default {probability} on a scale from 0 to 100 %, in the band “{band}”. The threshold is {threshold}."
    )
    sentences = [said.format(probability=percent(probability), band=lies, threshold=percent(threshold))]
    sentences += [f"{name}: {percent(low)} – {percent(high)}." for name, low, high, _mark in bands]
    return " ".join(sentences)


def _table(probability: float, threshold: float, bands: list[Band]) -> Rows:
    spans = [
        (_("risk of default"), probability, probability),
        (_("threshold"), threshold, threshold),
        *((name, low, high) for name, low, high, _mark in bands),
    ]
    return [{_("What"): name, _("From (%)"): hundred(low), _("To (%)"): hundred(high)} for name, low, high in spans]


def _angle(share: float) -> float:
    """Return degrees on the dial: 180 is no risk, 0 is certain default."""
    return 180 * (1 - sqrt(min(max(share, 0.0), 1.0)))
