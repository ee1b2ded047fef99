"""The waterfall of one decision: from the score of everybody to the score of this application."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import accumulate, pairwise

import plotly.graph_objects as go

from desk.charts.chart import Cell, Chart, Rows
from desk.charts.drawing import blank, row_height, short_number, signed, wrapped
from desk.charts.looks import Look
from desk.words import _

Steps = list[tuple[str, float]]


def waterfall(
    contributions: Mapping[str, float],
    *,
    base_value: float,
    raw_score: float,
    look: Look,
    descriptions: Mapping[str, str] | None = None,
    values: Mapping[str, Cell] | None = None,
    top: int = 10,
) -> Chart:
    """The `top` strongest contributions, each a bar from where the one above ended, then the rest summed in one.

    All in log-odds of default: `base_value` plus all contributions is `raw_score`.
    """
    ranked = sorted(contributions.items(), key=lambda pair: -abs(pair[1]))
    steps = [(_label(feature, descriptions, values), amount) for feature, amount in ranked[:top]]
    rest = ranked[top:]
    if rest:
        summed = sum(amount for _feature, amount in rest)
        steps.append((_("{count} other features together").format(count=len(rest)), summed))
    figure = blank(look, height=row_height(len(steps) + 2, each=38), bargap=0.3)
    _draw_steps(figure, steps, base_value, look)
    names = [_("an average application"), *(name for name, _amount in steps), _("this application")]
    for at, score in ((0, base_value), (len(names) - 1, raw_score)):
        figure.add_scatter(
            x=[score],
            y=[at],
            mode="markers+text",
            marker={"symbol": "diamond", "size": 13, "color": look.ink},
            text=[f"<b>{signed(score)}</b>"],
            textposition="middle right",
            cliponaxis=False,
            showlegend=False,
            hovertemplate=f"{names[at]}: {signed(score)}<extra></extra>",
        )
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[wrapped(name) for name in names],
        range=[len(names) - 0.4, -0.6],
        showgrid=False,
        tickfont={"color": look.ink},
    )
    reach = [base_value, raw_score, *(end for pair in _spans(steps, base_value) for end in pair)]
    room = 0.14 * (max(reach) - min(reach) or 1.0)
    figure.update_xaxes(
        title_text=_("score in log-odds of default: further right is riskier"),
        range=[min(reach) - room, max(reach) + room],
    )
    return Chart(
        _("What made this score"), figure, _in_words(steps, base_value, raw_score), _table(steps, base_value, raw_score)
    )


def _draw_steps(figure: go.Figure, steps: Steps, base_value: float, look: Look) -> None:
    spans = _spans(steps, base_value)
    for start, row in zip([base_value, *(end for _start, end in spans)], range(len(spans) + 1), strict=True):
        figure.add_shape(
            type="line",
            x0=start,
            x1=start,
            y0=row + 0.1,
            y1=row + 0.9,
            line={"color": look.muted, "width": 1, "dash": "dot"},
        )
    for mark, name, rising in ((look.raises, _("raises the risk"), True), (look.lowers, _("lowers the risk"), False)):
        rows = [row for row, (_name, amount) in enumerate(steps) if (amount > 0) is rising]
        figure.add_bar(
            orientation="h",
            y=[row + 1 for row in rows],
            x=[steps[row][1] for row in rows],
            base=[spans[row][0] for row in rows],
            marker=mark.bar(look.paper),
            name=f"{mark.sign} {name}",
            text=[signed(steps[row][1]) for row in rows],
            textposition="outside",
            textfont={"color": look.ink, "size": 13},
            cliponaxis=False,
            customdata=[steps[row][0] for row in rows],
            hovertemplate="%{customdata}: %{text}<extra></extra>",
        )


def _spans(steps: Steps, base_value: float) -> list[tuple[float, float]]:
    """Where each bar starts and ends."""
    ends = list(accumulate((amount for _name, amount in steps), initial=base_value))
    return list(pairwise(ends))


def _in_words(steps: Steps, base_value: float, raw_score: float) -> str:
    parts = [
        _("The score goes from {base} for an average application to {score} for this one; higher is riskier.").format(
            base=signed(base_value), score=signed(raw_score)
        )
    ]
    for rising, sentence in (
        (True, _("What raised the risk most: {what}.")),
        (False, _("What lowered it most: {what}.")),
    ):
        strongest = sorted((step for step in steps if (step[1] > 0) is rising), key=lambda step: -abs(step[1]))[:3]
        if strongest:
            parts.append(sentence.format(what=", ".join(f"{name} ({signed(amount)})" for name, amount in strongest)))
    return " ".join(parts)


def _table(steps: Steps, base_value: float, raw_score: float) -> Rows:
    what, push, score = _("Feature"), _("Contribution (log-odds)"), _("Score after it (log-odds)")
    rows: Rows = [{what: _("an average application"), push: None, score: round(base_value, 4)}]
    rows += [
        {what: name, push: round(amount, 4), score: round(end, 4)}
        for (name, amount), (_start, end) in zip(steps, _spans(steps, base_value), strict=True)
    ]
    rows.append({what: _("this application"), push: None, score: round(raw_score, 4)})
    return rows


def _label(feature: str, descriptions: Mapping[str, str] | None, values: Mapping[str, Cell] | None) -> str:
    name = (descriptions or {}).get(feature) or feature
    if values is None or feature not in values:
        return name
    value = values[feature]
    written = _("not known") if value is None else value if isinstance(value, str) else short_number(value)
    return f"{name}: {written}"
