"""How one feature's contribution depends on its value."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from desk.charts.chart import Chart, Rows
from desk.charts.drawing import blank, row_height, short_number, signed, wrapped
from desk.charts.looks import Look
from desk.client.model import FeatureDependence, InfluencePoint, Value
from desk.words import _, number

BINS = 12


def dependence(shown: FeatureDependence, *, look: Look, client: tuple[Value, float] | None = None) -> Chart:
    """A point an applicant, with the middle of each stretch as a line; words as boxes. client: its value and
    contribution, marked where it is a number or a word that is known."""
    if shown.categories:
        return _of_words(shown, look, client)
    known = [point for point in shown.points if point.value is not None]
    unknown = [point.contribution for point in shown.points if point.value is None]
    stretches = middles(known)
    figure = blank(look, height=420)
    figure.add_scattergl(
        x=[point.value for point in known],
        y=[point.contribution for point in known],
        mode="markers",
        marker={"color": look.plain.colour, "size": 6, "opacity": 0.5},
        name=_("an applicant of the sample"),
        hovertemplate="%{x}: %{y:+.2f}<extra></extra>",
    )
    figure.add_scatter(
        x=[at for at, _middle, _count in stretches],
        y=[middle for _at, middle, _count in stretches],
        mode="lines+markers",
        line=look.approve.line(3),
        marker={"size": 8, "color": look.approve.colour},
        name=_("middle of each stretch"),
        hovertemplate="%{x}: %{y:+.2f}<extra></extra>",
    )
    if unknown:
        middle = float(np.median(unknown))
        figure.add_hline(
            y=middle,
            line={"color": look.other.colour, "dash": look.other.dash, "width": 2},
            annotation={"text": _("not known: {push}").format(push=signed(middle)), "font": {"color": look.ink}},
        )
    _mark_client(figure, client, look)
    figure.add_hline(y=0, line={"color": look.muted, "width": 1})
    figure.update_xaxes(title_text=shown.description)
    figure.update_yaxes(title_text=_("contribution in log-odds: up raises the risk"))
    return Chart(_("Dependence"), figure, _said(shown, stretches, unknown, client), _table(stretches, unknown))


def middles(points: Sequence[InfluencePoint]) -> list[tuple[float, float, int]]:
    """Middle value, middle contribution and count of stretches that hold about equally many applicants."""
    if not points:
        return []
    ordered = sorted((float(point.value or 0.0), point.contribution) for point in points)
    parts = np.array_split(np.array(ordered), min(BINS, len(ordered)))
    merged: dict[float, list[float]] = {}
    for part in parts:
        merged.setdefault(float(np.median(part[:, 0])), []).extend(part[:, 1].tolist())
    return [(at, float(np.median(pushes)), len(pushes)) for at, pushes in sorted(merged.items())]


def _of_words(shown: FeatureDependence, look: Look, client: tuple[Value, float] | None) -> Chart:
    groups: dict[str, list[float]] = {}
    for point in shown.points:
        groups.setdefault(point.word or _("not known"), []).append(point.contribution)
    ranked = sorted(groups.items(), key=lambda pair: -float(np.median(pair[1])))
    figure = blank(look, height=row_height(len(ranked), each=46), showlegend=False)
    for word, pushes in ranked:
        figure.add_box(
            x=pushes, y=[word] * len(pushes), orientation="h", name=word, marker={"color": look.approve.colour}
        )
        figure.data[-1].update(boxpoints=False, hoverinfo="x", fillcolor=look.palette.accent_soft)
    if client is not None and isinstance(client[0], str) and client[0] in groups:
        figure.add_scatter(x=[client[1]], y=[client[0]], mode="markers", marker=look.client.point(look.paper, 16))
    figure.add_vline(x=0, line={"color": look.muted, "width": 1})
    figure.update_yaxes(
        autorange="reversed",
        tickvals=[word for word, _pushes in ranked],
        ticktext=[wrapped(word) for word, _pushes in ranked],
        showgrid=False,
    )
    figure.update_xaxes(title_text=_("contribution in log-odds: right raises the risk"))
    named = ", ".join(f"{word} ({signed(float(np.median(pushes)))})" for word, pushes in ranked)
    alternative = _("{feature}, from what raises the risk most to what lowers it most: {named}.").format(
        feature=shown.description, named=named
    )
    table: Rows = [
        {
            _("Value"): word,
            _("Middle contribution (log-odds)"): round(float(np.median(pushes)), 4),
            _("Applicants"): len(pushes),
        }
        for word, pushes in ranked
    ]
    return Chart(_("Dependence"), figure, alternative, table)


def _mark_client(figure: object, client: tuple[Value, float] | None, look: Look) -> None:
    if client is None or client[0] is None or isinstance(client[0], str):
        return
    figure.add_scatter(  # type: ignore[attr-defined] # plotly has no types
        x=[client[0]],
        y=[client[1]],
        mode="markers",
        marker=look.client.point(look.paper, 16),
        name="◆ " + _("this client"),
        hovertemplate="%{x}: %{y:+.2f}<extra></extra>",
    )


def _said(
    shown: FeatureDependence,
    stretches: list[tuple[float, float, int]],
    unknown: list[float],
    client: tuple[Value, float] | None,
) -> str:
    if not stretches:
        return _("{feature} is not known of anybody in the sample.").format(feature=shown.description)
    riskiest = max(stretches, key=lambda one: one[1])
    safest = min(stretches, key=lambda one: one[1])
    said = [
        _("{feature}: the risk is raised most around {high} ({up}) and lowered most around {low} ({down}).").format(
            feature=shown.description,
            high=short_number(riskiest[0]),
            up=signed(riskiest[1]),
            low=short_number(safest[0]),
            down=signed(safest[1]),
        )
    ]
    if unknown:
        said.append(
            _("Where it is not known ({count} applicants): {push}.").format(
                count=number(len(unknown)), push=signed(float(np.median(unknown)))
            )
        )
    if client is not None and isinstance(client[0], int | float):
        said.append(_("This client: {value} ({push}).").format(value=short_number(client[0]), push=signed(client[1])))
    return " ".join(said)


def _table(stretches: list[tuple[float, float, int]], unknown: list[float]) -> Rows:
    value, push, count = _("Value"), _("Middle contribution (log-odds)"), _("Applicants")
    rows: Rows = [{value: round(at, 4), push: round(middle, 4), count: n} for at, middle, n in stretches]
    if unknown:
        rows.append({value: _("not known"), push: round(float(np.median(unknown)), 4), count: len(unknown)})
    return rows
