"""The beeswarm: every applicant of the sample as a point, by feature and contribution."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from desk.charts.chart import Chart, Rows
from desk.charts.drawing import blank, row_height, signed, wrapped
from desk.charts.looks import Look, Mark
from desk.client.model import FeatureInfluence, GlobalInfluence
from desk.words import _, number

SPREAD = 0.38
LOW, MIDDLE, HIGH, OTHER = range(4)


def beeswarm(influence: GlobalInfluence, *, look: Look, top: int = 10) -> Chart:
    """A row a feature, a point an applicant: to the right what raises the risk, marked by low, middle or high value."""
    shown = sorted(influence.features, key=lambda one: -one.mean_abs)[:top]
    figure = blank(look, height=row_height(len(shown), each=50))
    kinds: tuple[tuple[int, Mark, str], ...] = (
        (LOW, look.approve, _("low value")),
        (MIDDLE, look.plain, _("middle value")),
        (HIGH, look.refer, _("high value")),
        (OTHER, look.other, _("not known, or a word")),
    )
    thirds = [_thirds(one) for one in shown]
    heights = [swarm([point.contribution for point in one.points]) for one in shown]
    for kind, mark, name in kinds:
        x, y, said = [], [], []
        for row, (one, third, height) in enumerate(zip(shown, thirds, heights, strict=True)):
            for point, belongs, lift in zip(one.points, third, height, strict=True):
                if belongs == kind:
                    x.append(point.contribution)
                    y.append(row + lift)
                    said.append(f"{one.description}: {_value(one, point.value)}<br>{signed(point.contribution)}")
        figure.add_scattergl(
            x=x,
            y=y,
            mode="markers",
            marker={**mark.point(look.paper, 6), "opacity": 0.8, "line": {"width": 0}},
            name=name,
            text=said,
            hovertemplate="%{text}<extra></extra>",
        )
    figure.add_vline(x=0, line={"color": look.muted, "width": 1})
    figure.update_yaxes(
        tickvals=list(range(len(shown))),
        ticktext=[wrapped(one.description) for one in shown],
        range=[len(shown) - 0.4, -0.6],
        tickfont={"color": look.ink},
    )
    figure.update_xaxes(title_text=_("contribution in log-odds: right raises the risk"))
    sentences = [
        _("Each point is one of {rows} applicants; the features that spread widest stand at the top.").format(
            rows=number(len(shown[0].points) if shown else 0)
        )
    ]
    sentences += [_tendency(one, third) for one, third in zip(shown, thirds, strict=True)]
    return Chart(_("How values move scores"), figure, " ".join(filter(None, sentences)), _table(shown, thirds))


def swarm(contributions: Sequence[float]) -> list[float]:
    """Heights within a row, so that points of like contribution lie beside each other; the same for the same points."""
    values = np.asarray(contributions, dtype=float)
    if not len(values):
        return []
    width = (values.max() - values.min()) or 1.0
    bins = np.floor((values - values.min()) / width * 60).astype(int)
    most = int(np.bincount(bins).max())
    heights = np.zeros(len(values))
    for place in np.unique(bins):
        members = np.flatnonzero(bins == place)
        order = np.arange(len(members))
        side = np.where(order % 2 == 0, 1, -1) * ((order + 1) // 2)
        heights[members] = side / max(most / 2, 6) * SPREAD
    return [float(height) for height in heights]


def _thirds(one: FeatureInfluence) -> list[int]:
    known = [point.value for point in one.points if point.value is not None]
    if one.categories or not known:
        return [OTHER] * len(one.points)
    first, second = np.quantile(known, [1 / 3, 2 / 3])
    if first == second:
        first, second = min(known), max(known)
    return [
        OTHER if point.value is None else LOW if point.value <= first else HIGH if point.value >= second else MIDDLE
        for point in one.points
    ]


def _mean(one: FeatureInfluence, third: list[int], kind: int) -> float | None:
    found = [point.contribution for point, belongs in zip(one.points, third, strict=True) if belongs == kind]
    return float(np.mean(found)) if found else None


def _tendency(one: FeatureInfluence, third: list[int]) -> str:
    low, high = _mean(one, third, LOW), _mean(one, third, HIGH)
    if low is None or high is None:
        return ""
    if abs(high - low) < one.mean_abs / 2:
        return _("{feature}: low and high values differ little.").format(feature=one.description)
    text = _("{feature}: high values raise the risk.") if high > low else _("{feature}: high values lower the risk.")
    return text.format(feature=one.description)


def _table(shown: list[FeatureInfluence], thirds: list[list[int]]) -> Rows:
    return [
        {
            _("Feature"): f"{one.description} ({one.feature})",
            _("Mean contribution, low values"): _rounded(_mean(one, third, LOW)),
            _("Mean contribution, middle values"): _rounded(_mean(one, third, MIDDLE)),
            _("Mean contribution, high values"): _rounded(_mean(one, third, HIGH)),
            _("Mean contribution, not known or a word"): _rounded(_mean(one, third, OTHER)),
        }
        for one, third in zip(shown, thirds, strict=True)
    ]


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _value(one: FeatureInfluence, value: float | None) -> str:
    if value is None:
        return _("not known")
    if one.categories:
        return one.categories[int(value)] if 0 <= int(value) < len(one.categories) else "–"
    return number(value, 2)
