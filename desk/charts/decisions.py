"""A client's decisions over time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from desk.charts.chart import Cell, Chart
from desk.charts.drawing import blank
from desk.charts.looks import Look
from desk.words import _, moment, n_, number, percent

OUTCOMES = ("approve", "refer", "decline")


def decisions_over_time(decisions: Sequence[tuple[int, float, str]], *, threshold: float, look: Look) -> Chart:
    """Risk of each decision at its time, marked by its outcome, with today's threshold.

    decisions: milliseconds since the epoch, probability of default and outcome, in any order.
    """
    words = {"approve": _("Approved"), "refer": _("Referred"), "decline": _("Declined")}
    ordered = sorted(decisions)
    figure = blank(look, height=280, showlegend=True)
    if len(ordered) > 1:
        figure.add_scatter(
            x=[_time(at) for at, _risk, _outcome in ordered],
            y=[100 * risk for _at, risk, _outcome in ordered],
            mode="lines",
            line={"color": look.muted, "width": 1},
            hoverinfo="skip",
            showlegend=False,
        )
    for outcome in OUTCOMES:
        mine = [(at, risk) for at, risk, of in ordered if of == outcome]
        if not mine:
            continue
        mark = look.outcome(outcome)
        figure.add_scatter(
            x=[_time(at) for at, _risk in mine],
            y=[100 * risk for _at, risk in mine],
            mode="markers",
            marker=mark.point(look.paper, 13),
            name=f"{mark.sign} {words[outcome]}",
            text=[f"{moment(at)}<br>{percent(risk)}" for at, risk in mine],
            hovertemplate="%{text}<extra></extra>",
        )
    figure.add_hline(
        y=100 * threshold,
        line={"color": look.ink, "dash": "dot", "width": 1.5},
        annotation={"text": _("threshold {share}").format(share=percent(threshold)), "yanchor": "bottom"},
    )
    figure.update_yaxes(title={"text": _("Risk of default (%)")}, rangemode="tozero")
    rows: list[dict[str, Cell]] = [
        {
            _("Time"): moment(at),
            _("Risk of default (%)"): round(100 * risk, 2),
            _("Outcome"): words.get(outcome, outcome),
        }
        for at, risk, outcome in reversed(ordered)
    ]
    return Chart(_("Decisions over time"), figure, _said(ordered, words), rows)


def _said(ordered: Sequence[tuple[int, float, str]], words: dict[str, str]) -> str:
    if not ordered:
        return _("There is no decision yet.")
    at, risk, outcome = ordered[-1]
    count = n_("{count} decision.", "{count} decisions.", len(ordered)).format(count=number(len(ordered)))
    last = _("The newest, of {moment}: {outcome} at a risk of {risk}.").format(
        moment=moment(at), outcome=words.get(outcome, outcome), risk=percent(risk)
    )
    return f"{count} {last}"


def _time(at_ms: int) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, tz=UTC)
