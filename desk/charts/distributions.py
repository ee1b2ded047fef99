"""How a value is spread over groups of applicants, with the client marked in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from desk.charts.chart import Chart, Rows
from desk.charts.drawing import blank, client_line, hundred, short_number, wrapped
from desk.charts.looks import Look, Mark
from desk.client.model import Value
from desk.words import _, number, percent

BINS = 24
Groups = Mapping[str, Sequence[Value]]


def group_names() -> dict[str, str]:
    """The groups that a client is compared with, by key."""
    return {
        "all": _("All"),
        "similar": _("Similar clients"),
        "approve": _("Approved"),
        "decline": _("Declined"),
    }


def group_mark(group: str, look: Look) -> Mark:
    """The mark of a group."""
    return {"all": look.plain, "similar": look.similar}.get(group, look.outcome(group))


def distribution(feature: str, groups: Groups, client: Value, *, look: Look) -> Chart:
    """Shares of each group along the value, drawn as outlines, or by word; the client's value is marked.

    groups: values by `all`, `similar`, `approve`, `decline`; None is a value that is not known.
    """
    if any(isinstance(value, str) for values in groups.values() for value in values):
        return _of_words(feature, groups, client, look)
    known = {group: np.array([v for v in values if v is not None], dtype=float) for group, values in groups.items()}
    known = {group: values for group, values in known.items() if len(values)}
    if not known:
        return Chart(feature, blank(look), _("{feature} is not known of anybody.").format(feature=feature), [])
    edges = _edges(np.concatenate(list(known.values())), client)
    middle = (edges[:-1] + edges[1:]) / 2
    figure = blank(look, height=360)
    names = group_names()
    for group, values in known.items():
        mark = group_mark(group, look)
        shares = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0] / len(values)
        figure.add_scatter(
            x=middle,
            y=shares,
            mode="lines+markers",
            line={**mark.line(2.5), "shape": "hvh"},
            marker={**mark.point(look.paper, 8), "maxdisplayed": 8},
            fill="tozeroy" if group == "all" else "none",
            fillcolor=_faint(mark.colour),
            name=names.get(group, group),
            hovertemplate="%{x}: %{y:.1%}<extra></extra>",
        )
    if isinstance(client, int | float):
        client_line(figure, float(np.clip(client, edges[0], edges[-1])), look, short_number(client))
        figure.update_layout(margin={"t": 72}, legend={"y": 1.12})
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", title_text=_("share of the group"))
    figure.update_xaxes(title_text=feature)
    middles = {group: float(np.median(values)) for group, values in known.items()}
    table: Rows = [
        {
            _("Group"): names.get(group, group),
            _("Applicants"): len(values),
            _("Lower quarter"): round(float(np.quantile(values, 0.25)), 4),
            _("Middle"): round(middles[group], 4),
            _("Upper quarter"): round(float(np.quantile(values, 0.75)), 4),
        }
        for group, values in known.items()
    ]
    said = [_of_client(feature, client, known)]
    said += [
        names.get(group, group) + ": " + _("middle value {value}").format(value=short_number(at)) + "."
        for group, at in middles.items()
    ]
    return Chart(feature, figure, " ".join(said), table)


def _of_words(feature: str, groups: Groups, client: Value, look: Look) -> Chart:
    unknown = _("not known")
    counted = {
        group: [str(v) if v is not None else unknown for v in values] for group, values in groups.items() if values
    }
    every = counted.get("all") or [word for values in counted.values() for word in values]
    found = {word for values in counted.values() for word in values}
    words = sorted(found, key=lambda word: (word == unknown, -every.count(word), word))
    figure = blank(look, height=380, bargap=0.25, bargroupgap=0.06)
    names = group_names()
    shares = {group: {word: values.count(word) / len(values) for word in words} for group, values in counted.items()}
    for group, of_word in shares.items():
        figure.add_bar(
            x=words,
            y=[of_word[word] for word in words],
            marker=group_mark(group, look).bar(look.paper),
            name=names.get(group, group),
            hovertemplate="%{x}: %{y:.1%}<extra></extra>",
        )
    said_client = unknown if client is None else str(client)
    figure.update_xaxes(
        tickvals=words,
        ticktext=[f"<b>◆ {wrapped(word, 18)}</b>" if word == said_client else wrapped(word, 18) for word in words],
        tickfont={"color": look.ink},
        showgrid=False,
    )
    figure.update_yaxes(tickformat=".0%", rangemode="tozero", title_text=_("share of the group"))
    said = [_("{feature} of this client: {value}.").format(feature=feature, value=said_client)]
    said += [
        _("{group}: {share} have the same.").format(
            group=names.get(group, group), share=percent(of_word.get(said_client, 0.0))
        )
        for group, of_word in shares.items()
    ]
    heads = {group: _("{group} (%)").format(group=names.get(group, group)) for group in shares}
    table: Rows = [
        {_("Value"): word, **{heads[group]: hundred(of_word[word]) for group, of_word in shares.items()}}
        for word in words
    ]
    return Chart(feature, figure, " ".join(said), table)


def _edges(values: np.ndarray, client: Value) -> np.ndarray:
    """Bins between the first and the last hundredth, widened to the client, so that no outlier hides the rest."""
    low, high = np.quantile(values, [0.01, 0.99])
    if isinstance(client, int | float):
        low, high = min(low, client), max(high, client)
    return np.linspace(low, high if high > low else low + 1, BINS + 1)


def _of_client(feature: str, client: Value, known: Mapping[str, np.ndarray]) -> str:
    if not isinstance(client, int | float):
        return _("{feature} is not known of this client.").format(feature=feature)
    every = known.get("all")
    if every is None:
        return _("{feature} of this client: {value}.").format(feature=feature, value=short_number(client))
    below = float(np.mean(every < client))
    return _("{feature} of this client: {value}, above {share} of {count} applicants.").format(
        feature=feature, value=short_number(client), share=percent(below, 0), count=number(len(every))
    )


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.14)"
