"""Which features move scores: over the reference sample, and in one decision beside it."""

from __future__ import annotations

from collections.abc import Mapping

from desk.charts.chart import Chart, Rows
from desk.charts.drawing import blank, row_height, wrapped
from desk.charts.looks import Look
from desk.client.model import GlobalInfluence
from desk.words import _, number, percent


def importance_bar(influence: GlobalInfluence, *, look: Look, top: int = 10) -> Chart:
    """The strongest features, each with its mean absolute contribution, the strongest at the top."""
    shown = sorted(influence.features, key=lambda one: -one.mean_abs)[:top]
    figure = blank(look, height=row_height(len(shown), each=38))
    figure.add_bar(
        orientation="h",
        x=[one.mean_abs for one in shown],
        y=[one.feature for one in shown],
        marker=look.approve.bar(look.paper),
        text=[number(one.mean_abs, 3) for one in shown],
        textposition="outside",
        cliponaxis=False,
        customdata=[one.description for one in shown],
        hovertemplate="%{customdata}<br>%{text}<extra></extra>",
        showlegend=False,
    )
    _rows_named(figure, {one.feature: one.description for one in shown}, look)
    figure.update_xaxes(title_text=_("mean absolute contribution, log-odds"), rangemode="tozero")
    named = ", ".join(f"{one.description} ({number(one.mean_abs, 3)})" for one in shown[:5])
    share = sum(one.mean_abs for one in shown) / influence.total_mean_abs if influence.total_mean_abs else 0.0
    alternative = _(
        "Over {rows} applicants, these move scores most: {named}. The {count} shown make {share} of all movement."
    ).format(rows=number(influence.rows), named=named, count=len(shown), share=percent(share, 0))
    feature, mean = _("Feature"), _("Mean absolute contribution (log-odds)")
    table: Rows = [{feature: f"{one.description} ({one.feature})", mean: round(one.mean_abs, 5)} for one in shown]
    return Chart(_("What moves scores in general"), figure, alternative, table)


def local_against_global(
    contributions: Mapping[str, float], influence: GlobalInfluence, *, look: Look, top: int = 10
) -> Chart:
    """The client's strongest contributions, in size, beside what the same features move for an average applicant."""
    everywhere = {one.feature: one for one in influence.features}
    ranked = sorted(contributions, key=lambda feature: -abs(contributions[feature]))
    shown = [feature for feature in ranked if feature in everywhere][:top]
    names = {feature: everywhere[feature].description for feature in shown}
    here = [abs(contributions[feature]) for feature in shown]
    average = [everywhere[feature].mean_abs for feature in shown]
    figure = blank(look, height=row_height(len(shown), each=52), bargap=0.3, bargroupgap=0.08)
    for mark, name, sizes in (
        (look.refer, _("this application"), here),
        (look.plain, _("an average application"), average),
    ):
        figure.add_bar(
            orientation="h",
            x=sizes,
            y=shown,
            marker=mark.bar(look.paper),
            name=f"{mark.sign if mark is look.plain else '◆'} {name}",
            customdata=[names[feature] for feature in shown],
            hovertemplate="%{customdata}: %{x:.3f}<extra></extra>",
        )
    _rows_named(figure, names, look)
    figure.update_xaxes(title_text=_("size of the contribution, log-odds"), rangemode="tozero")
    stand_out = sorted(zip(shown, here, average, strict=True), key=lambda one: one[2] - one[1])[:3]
    alternative = _("Features that weigh more here than for an average application: {named}.").format(
        named=", ".join(
            _("{feature} ({here} against {average})").format(
                feature=names[feature], here=number(size, 2), average=number(mean, 2)
            )
            for feature, size, mean in stand_out
            if size > mean
        )
        or _("none")
    )
    table: Rows = [
        {
            _("Feature"): f"{names[feature]} ({feature})",
            _("This application (log-odds)"): round(contributions[feature], 4),
            _("Average size (log-odds)"): round(mean, 4),
            _("Direction"): _("raises the risk") if contributions[feature] > 0 else _("lowers the risk"),
        }
        for feature, mean in zip(shown, average, strict=True)
    ]
    return Chart(_("This application against all"), figure, alternative, table)


def _rows_named(figure: object, names: Mapping[str, str], look: Look) -> None:
    figure.update_yaxes(  # type: ignore[attr-defined] # plotly has no types
        tickvals=list(names),
        ticktext=[wrapped(name) for name in names.values()],
        autorange="reversed",
        showgrid=False,
        tickfont={"color": look.ink},
    )
