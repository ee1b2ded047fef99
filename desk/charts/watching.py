"""What the monitor watches: drift of features, and whether every application has one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from desk.charts.chart import Chart, Rows
from desk.charts.drawing import blank, row_height, wrapped
from desk.charts.looks import Look
from desk.client.operations import CompletenessRecord, DriftedFeature
from desk.words import _, number, percent

# Siddiqi 2006: below the first a population is stable, from the second on it is another one.
WATCH_FROM, DRIFT_FROM = 0.1, 0.25


def drift(features: Sequence[DriftedFeature], labels: Mapping[str, str], *, look: Look) -> Chart:
    """The population stability index of the features that moved most, with the two usual bounds."""
    known = sorted(((one.feature, one.psi) for one in features if one.psi is not None), key=lambda pair: -pair[1])
    figure = blank(look, height=row_height(len(known), each=40))
    for mark, sign, name, low, high in (
        (look.approve, "✓", _("stable"), 0.0, WATCH_FROM),
        (look.refer, "?", _("to be watched"), WATCH_FROM, DRIFT_FROM),
        (look.decline, "✕", _("drifted"), DRIFT_FROM, float("inf")),
    ):
        rows = [row for row, (_feature, psi) in enumerate(known) if low <= psi < high]
        figure.add_bar(
            orientation="h",
            x=[known[row][1] for row in rows],
            y=rows,
            marker=mark.bar(look.paper),
            name=f"{sign} {name}",
            text=[number(known[row][1], 3) for row in rows],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{text}<extra></extra>",
        )
    for bound in (WATCH_FROM, DRIFT_FROM):
        figure.add_vline(x=bound, line={"color": look.ink, "width": 1.5, "dash": "dot"})
    figure.update_xaxes(
        title_text=_("population stability index"),
        range=[0, 1.15 * max([DRIFT_FROM * 1.1, *(psi for _feature, psi in known)])],
    )
    figure.update_yaxes(
        tickvals=list(range(len(known))),
        ticktext=[wrapped(labels.get(feature, feature)) for feature, _psi in known],
        range=[len(known) - 0.4, -0.6],
        showgrid=False,
        tickfont={"color": look.ink},
    )
    drifted = [labels.get(feature, feature) for feature, psi in known if psi >= DRIFT_FROM]
    alternative = (
        _("Drifted beyond {bound}: {named}.").format(bound=number(DRIFT_FROM, 2), named=", ".join(drifted))
        if drifted
        else _("No feature has drifted beyond {bound}.").format(bound=number(DRIFT_FROM, 2))
    )
    table: Rows = [
        {_("Feature"): labels.get(feature, feature), _("Population stability index"): psi} for feature, psi in known
    ]
    return Chart(_("Drift"), figure, alternative, table)


def completeness(record: CompletenessRecord, *, look: Look) -> Chart:
    """One bar of all applications that were taken: answered once, not yet answered, answered twice."""
    parts = (
        (look.approve, _("answered once"), record.answered - record.answered_twice),
        (look.refer, _("not answered yet"), record.unanswered),
        (look.decline, _("answered twice"), record.answered_twice),
    )
    every = max(1, record.answered + record.unanswered)
    figure = blank(look, height=170, bargap=0.2)
    for mark, name, count in parts:
        figure.add_bar(
            orientation="h",
            x=[count / every],
            y=[""],
            marker=mark.bar(look.paper),
            name=f"{mark.sign} {name}: {number(count)}",
            hovertemplate=f"{name}: {number(count)}<extra></extra>",
        )
    figure.update_layout(barmode="stack", legend={"traceorder": "normal"})
    figure.update_xaxes(tickformat=".0%", range=[0, 1])
    figure.update_yaxes(showticklabels=False, showgrid=False)
    alternative = _("Of {count} applications taken, {share} are answered, {unanswered} not yet, {twice} twice.").format(
        count=number(record.answered + record.unanswered),
        share=percent(record.answered / every, 2),
        unanswered=number(record.unanswered),
        twice=number(record.answered_twice),
    )
    return Chart(
        _("Completeness"), figure, alternative, [{_("Applications"): name, _("Count"): n} for _m, name, n in parts]
    )
