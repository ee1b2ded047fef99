"""The client among others: two features at once, boxes by segment, and the percentile of each value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from desk.charts.chart import Chart, Rows
from desk.charts.drawing import blank, hundred, outcome_name, row_height, short_number, wrapped
from desk.charts.looks import Look
from desk.client.model import SampleRecord, Value
from desk.words import _, number, percent

OUTCOMES = ("approve", "refer", "decline")


def two_features(
    sample: SampleRecord, x: str, y: str, client: Mapping[str, Value], labels: Mapping[str, str], *, look: Look
) -> Chart:
    """Every applicant as a point by two features, marked by the outcome that the policy proposes; the client on top."""
    figure = blank(look, height=460)
    rows = list(zip(sample.columns[x], sample.columns[y], sample.outcome, strict=True))
    counts: dict[str, int] = {}
    for outcome in OUTCOMES:
        mark = look.outcome(outcome)
        points = [(a, b) for a, b, proposed in rows if proposed == outcome and a is not None and b is not None]
        counts[outcome] = len(points)
        figure.add_scattergl(
            x=[a for a, _b in points],
            y=[b for _a, b in points],
            mode="markers",
            marker={**mark.point(look.paper, 7), "opacity": 0.7, "line": {"width": 0}},
            name=f"{mark.sign} {outcome_name(outcome)}",
            hovertemplate="%{x} · %{y}<extra></extra>",
        )
    here, there = client.get(x), client.get(y)
    if here is not None and there is not None:
        figure.add_scatter(
            x=[here],
            y=[there],
            mode="markers",
            marker=look.client.point(look.paper, 20),
            name="◆ " + _("this client"),
            hovertemplate="%{x} · %{y}<extra></extra>",
        )
    figure.update_xaxes(title_text=labels.get(x, x))
    figure.update_yaxes(title_text=labels.get(y, y))
    said = [
        _("{shown} applicants by {x} and {y}: {approve} approved, {refer} referred, {decline} declined.").format(
            shown=number(sum(counts.values())),
            x=labels.get(x, x),
            y=labels.get(y, y),
            **{outcome: number(count) for outcome, count in counts.items()},
        ),
        _("This client: {x} and {y}.").format(x=_told(here), y=_told(there)),
    ]
    table: Rows = [
        {labels.get(x, x): a, labels.get(y, y): b, _("Outcome proposed"): outcome_name(proposed)}
        for a, b, proposed in rows
    ]
    return Chart(_("Two features at once"), figure, " ".join(said), table)


def box_by_segment(
    feature: str,
    values: Sequence[Value],
    segments: Sequence[Value],
    client: tuple[Value, Value],
    *,
    look: Look,
) -> Chart:
    """A box of a number for each segment, the client's own in ink. client: its value and its segment."""
    groups: dict[str, list[float]] = {}
    for value, segment in zip(values, segments, strict=True):
        if isinstance(value, int | float):
            groups.setdefault(_told(segment), []).append(float(value))
    ranked = sorted(groups.items(), key=lambda pair: -float(np.median(pair[1])))
    own, its_segment = client[0], _told(client[1])
    figure = blank(look, height=row_height(len(ranked), each=50), showlegend=False)
    for segment, numbers in ranked:
        mine = segment == its_segment
        figure.add_box(
            x=numbers,
            y=[segment] * len(numbers),
            orientation="h",
            name=segment,
            boxpoints=False,
            line={"color": look.approve.colour if mine else look.plain.colour, "width": 2.5 if mine else 1.5},
            fillcolor=look.palette.approve_soft if mine else "rgba(0,0,0,0)",
            hoverinfo="x",
        )
    if isinstance(own, int | float) and its_segment in groups:
        figure.add_scatter(x=[own], y=[its_segment], mode="markers", marker=look.client.point(look.paper, 16))
        figure.data[-1].hovertemplate = _("this client") + f": {short_number(own)}<extra></extra>"
    names = [segment for segment, _numbers in ranked]
    figure.update_yaxes(
        autorange="reversed",
        showgrid=False,
        tickvals=names,
        ticktext=[f"<b>◆ {wrapped(name)}</b>" if name == its_segment else wrapped(name) for name in names],
        tickfont={"color": look.ink},
    )
    figure.update_xaxes(title_text=feature, range=_without_outliers(groups, own))
    said = [
        _("{feature} of this client: {value}, in the segment {segment}.").format(
            feature=feature, value=_told(own), segment=its_segment
        )
    ]
    said += [
        name + ": " + _("middle value {value}").format(value=short_number(float(np.median(numbers)))) + "."
        for name, numbers in ranked
    ]
    table: Rows = [
        {
            _("Segment"): name,
            _("Applicants"): len(numbers),
            _("Lower quarter"): round(float(np.quantile(numbers, 0.25)), 4),
            _("Middle"): round(float(np.median(numbers)), 4),
            _("Upper quarter"): round(float(np.quantile(numbers, 0.75)), 4),
        }
        for name, numbers in ranked
    ]
    return Chart(_("By segment"), figure, " ".join(said), table)


def percentile_strip(
    percentiles: Mapping[str, float | None], client: Mapping[str, Value], labels: Mapping[str, str], *, look: Look
) -> Chart:
    """A line from the lowest to the highest applicant for each value, with the client's place on it."""
    shown = [(feature, share) for feature, share in percentiles.items() if share is not None]
    figure = blank(look, height=row_height(len(shown), each=46, around=80), showlegend=False)
    for row in range(len(shown)):
        figure.add_shape(
            type="line", x0=0, x1=1, y0=row, y1=row, line={"color": look.palette.control, "width": 6}, opacity=0.3
        )
        figure.add_shape(
            type="line", x0=0.25, x1=0.75, y0=row, y1=row, line={"color": look.approve.colour, "width": 6}, opacity=0.55
        )
    figure.add_scatter(
        x=[share for _feature, share in shown],
        y=list(range(len(shown))),
        mode="markers+text",
        marker=look.client.point(look.paper, 17),
        text=[f"<b>{percent(share, 0)}</b>" for _feature, share in shown],
        textposition="top center",
        cliponaxis=False,
        customdata=[_told(client.get(feature)) for feature, _share in shown],
        hovertemplate="%{customdata}<extra></extra>",
    )
    names = [f"{labels.get(feature, feature)}: {_told(client.get(feature))}" for feature, _share in shown]
    figure.update_yaxes(
        tickvals=list(range(len(shown))),
        ticktext=[wrapped(name) for name in names],
        range=[len(shown) - 0.4, -0.7],
        showgrid=False,
        tickfont={"color": look.ink},
    )
    figure.update_xaxes(
        range=[-0.03, 1.03],
        tickvals=[0, 0.25, 0.5, 0.75, 1],
        ticktext=[_("lowest"), percent(0.25, 0), _("middle"), percent(0.75, 0), _("highest")],
    )
    said = [_("How many applicants lie below this client.")]
    said += [f"{name}: {percent(share, 0)}." for name, (_feature, share) in zip(names, shown, strict=True)]
    table: Rows = [
        {
            _("Value"): labels.get(feature, feature),
            _("This client"): _cell(client.get(feature)),
            _("Applicants below (%)"): hundred(share),
        }
        for feature, share in shown
    ]
    return Chart(_("Place among all applicants"), figure, " ".join(said), table)


def _told(value: Value) -> str:
    if value is None:
        return _("not known")
    return value if isinstance(value, str) else short_number(value)


def _cell(value: Value) -> str | float | None:
    return value if isinstance(value, str) or value is None else round(value, 4)


def _without_outliers(groups: Mapping[str, list[float]], own: Value) -> list[float] | None:
    """The axis from the first to the last hundredth, widened to the client."""
    every = [value for numbers in groups.values() for value in numbers]
    if not every:
        return None
    low, high = np.quantile(every, [0.01, 0.99])
    if isinstance(own, int | float):
        low, high = min(low, own), max(high, own)
    room = (high - low or 1.0) * 0.04
    return [float(low - room), float(high + room)]
