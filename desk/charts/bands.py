"""Rates by band of a theme, with what is known of their precision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

from desk.charts.chart import Chart, Rows
from desk.charts.drawing import blank, hundred, whiskers, wrapped
from desk.charts.looks import Look
from desk.charts.times import clock, time_axis
from desk.client.portfolio import BandRecord, PeriodRecord
from desk.words import _, moment, number, percent

Rate = Literal["approval", "default"]


def rates_by_band(
    bands: Sequence[BandRecord], kind: Rate, name_of: Callable[[BandRecord], str], *, look: Look, ordered: bool = True
) -> Chart:
    """The approval or default rate of each band with its interval of 95 %, and beside defaults what was expected."""
    rated = [band for band in bands if _rate(band, kind)[0] is not None]
    if not ordered:
        rated.sort(key=lambda band: -(_rate(band, kind)[0] or 0.0))
    names = [name_of(band) for band in rated]
    values = [float(_rate(band, kind)[0] or 0.0) for band in rated]
    mark = look.approve if kind == "approval" else look.decline
    ticks = names
    figure = blank(look, height=400)
    figure.add_bar(
        x=names,
        y=values,
        marker=mark.bar(look.paper),
        error_y=whiskers(values, [_rate(b, kind)[1] for b in rated], [_rate(b, kind)[2] for b in rated], look),
        name=_rate_name(kind),
        customdata=[[percent(value), number(_counted(band, kind))] for band, value in zip(rated, values, strict=True)],
        hovertemplate="%{x}: %{customdata[0]} (n = %{customdata[1]})<extra></extra>",
    )
    if kind == "default":
        # Where no outcome is known yet, what the model expects is all there is to see.
        expected = rated or [band for band in bands if band.approval_rate is not None]
        ticks = names or [name_of(band) for band in expected]
        figure.add_scatter(
            x=ticks,
            y=[band.mean_probability for band in expected],
            mode="markers",
            marker={"symbol": "line-ew-open", "size": 26, "color": look.ink, "line": {"width": 3, "color": look.ink}},
            name=_("expected by the model"),
            hovertemplate="%{y:.1%}<extra></extra>",
        )
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figure.update_xaxes(
        tickvals=ticks, ticktext=[wrapped(name, 14, 3) for name in ticks], showgrid=False, tickfont={"color": look.ink}
    )
    return Chart(_rate_name(kind), figure, _said(rated, names, values, kind), _table(bands, name_of))


def rates_over_time(series: Sequence[PeriodRecord], *, look: Look) -> Chart:
    """Approval and default rate along time, with their intervals as ribbons."""
    figure = blank(look, height=360)
    kinds: tuple[Rate, ...] = ("approval", "default")
    times = [clock(one.begin) for one in series]
    for kind in kinds:
        mark = look.approve if kind == "approval" else look.decline
        known = [
            (at, *(getattr(one, f"{kind}_{part}") for part in ("rate", "low", "high")))
            for at, one in zip(times, series, strict=True)
            if getattr(one, f"{kind}_rate") is not None
        ]
        if not known:
            continue
        at = [one[0] for one in known]
        figure.add_scatter(
            x=[*at, *reversed(at)],
            y=[*(one[3] for one in known), *(one[2] for one in reversed(known))],
            fill="toself",
            fillcolor=mark.colour,
            opacity=0.16,
            mode="none",
            showlegend=False,
            hoverinfo="skip",
        )
        figure.add_scatter(
            x=at,
            y=[one[1] for one in known],
            mode="lines+markers",
            line=mark.line(),
            marker=mark.point(look.paper, 8),
            name=_rate_name(kind),
            hovertemplate="%{y:.1%}<extra></extra>",
        )
    figure.update_yaxes(tickformat=".0%", rangemode="tozero")
    figure.update_xaxes(**time_axis([one.begin for one in series]))
    said = []
    for kind in kinds:
        rates = [(one.begin, getattr(one, f"{kind}_rate")) for one in series]
        rates = [(at, rate) for at, rate in rates if rate is not None]
        if rates:
            said.append(
                _("{rate}: from {first} to {last}; lowest {low}, highest {high}.").format(
                    rate=_rate_name(kind),
                    first=percent(rates[0][1]),
                    last=percent(rates[-1][1]),
                    low=percent(min(rate for _at, rate in rates)),
                    high=percent(max(rate for _at, rate in rates)),
                )
            )
    table: Rows = [
        {
            _("From"): moment(one.begin),
            _("Applications"): one.count,
            _("Approval rate (%)"): hundred(one.approval_rate),
            _("Default rate (%)"): hundred(one.default_rate),
            _("Mean risk (%)"): hundred(one.mean_probability),
        }
        for one in series
    ]
    return Chart(_("Rates over time"), figure, " ".join(said), table)


def _rate(band: BandRecord, kind: Rate) -> tuple[float | None, float | None, float | None]:
    if kind == "approval":
        return band.approval_rate, band.approval_low, band.approval_high
    return band.default_rate, band.default_low, band.default_high


def _counted(band: BandRecord, kind: Rate) -> int:
    return band.count if kind == "approval" else band.observed


def _rate_name(kind: Rate) -> str:
    return _("Approval rate") if kind == "approval" else _("Default rate")


def _said(rated: Sequence[BandRecord], names: Sequence[str], values: Sequence[float], kind: Rate) -> str:
    if not rated:
        return _("Too few are counted to show a rate.")
    highest, lowest = values.index(max(values)), values.index(min(values))
    said = _("{rate}: highest for {high} ({high_rate}), lowest for {low} ({low_rate}).").format(
        rate=_rate_name(kind),
        high=names[highest],
        high_rate=percent(values[highest]),
        low=names[lowest],
        low_rate=percent(values[lowest]),
    )
    return said + " " + "; ".join(f"{name} {percent(value)}" for name, value in zip(names, values, strict=True)) + "."


def _table(bands: Sequence[BandRecord], name_of: Callable[[BandRecord], str]) -> Rows:
    return [
        {
            _("Band"): name_of(band),
            _("Applications"): band.count,
            _("Approval rate (%)"): hundred(band.approval_rate),
            _("Approval, from (%)"): hundred(band.approval_low),
            _("Approval, to (%)"): hundred(band.approval_high),
            _("Outcomes known"): band.observed,
            _("Default rate (%)"): hundred(band.default_rate),
            _("Default, from (%)"): hundred(band.default_low),
            _("Default, to (%)"): hundred(band.default_high),
            _("Expected by the model (%)"): hundred(band.mean_probability),
            _("Mean amount"): band.amount,
            _("Expected cost"): band.expected_cost,
        }
        for band in bands
    ]
