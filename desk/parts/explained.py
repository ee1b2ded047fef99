"""Draws what made a decision, what moves decisions in general, one feature, and what features mean."""

from __future__ import annotations

import streamlit as st

from desk.charts.beeswarm import beeswarm
from desk.charts.chart import Rows
from desk.charts.dependence import dependence
from desk.charts.importance import importance_bar, local_against_global
from desk.charts.looks import look_of
from desk.charts.waterfall import waterfall
from desk.client.decisions import DecisionClient
from desk.client.model import (
    CatalogFeature,
    CatalogRecord,
    FeatureInfluence,
    GlobalInfluence,
    ModelClient,
    Value,
)
from desk.parts.card import card
from desk.parts.charted import plain_table, show_chart
from desk.parts.feature_names import catalog_of, names_of, told_values
from desk.parts.remembered import remembered
from desk.session import DeskSession
from desk.shown import ShownDecision
from desk.words import _, n_, number


def influence_of(desk: DeskSession) -> GlobalInfluence:
    """Return what moves scores over the reference sample, with features named as a person reads them."""
    told = remembered("influence", lambda: ModelClient(desk.api).importance(top=20, points=300), 300)
    names = names_of(catalog_of(desk))
    features = [
        one.model_copy(update={"description": names.get(one.feature, one.description)}) for one in told.features
    ]
    return told.model_copy(update={"features": features})


def averages_of(catalog: CatalogRecord) -> GlobalInfluence:
    """Return what each feature moves for an average applicant, which the catalog knows of all of them."""
    names = names_of(catalog)
    features = [
        FeatureInfluence(
            feature=one.name,
            description=names.get(one.name, one.description),
            categories=one.categories,
            mean_abs=one.importance,
            points=[],
        )
        for one in catalog.features
        if one.importance is not None
    ]
    total = sum(one.mean_abs for one in features)
    return GlobalInfluence(features=features, rows=catalog.rows, base_value=0.0, total_mean_abs=total)


def contributions_of(shown: ShownDecision) -> dict[str, float]:
    """Return the contributions that are known."""
    return {feature: push for feature, push in shown.contributions.items() if push is not None}


def values_of(desk: DeskSession, shown: ShownDecision) -> dict[str, Value]:
    """Return the features as the model read them; none of a simulation."""
    if not shown.stored:
        return {}
    number_of = shown.decision_id
    receipt = remembered(f"receipt-{number_of}", lambda: DecisionClient(desk.api).receipt(number_of))
    return dict(receipt.features)


def draw_local(desk: DeskSession, shown: ShownDecision) -> None:
    """Draw the waterfall of one decision, and its features beside what they move elsewhere."""
    contributions = contributions_of(shown)
    if not contributions or shown.base_value is None or shown.raw_score is None:
        st.info(_("This decision has no contributions: it was taken without them, or the client was erased."))
        return
    look = look_of(desk.theme)
    names = names_of(catalog_of(desk))
    lead = _("From the score of an average application to this one; the ten strongest features, then the rest.")
    with card("waterfall", _("What made this decision"), lead):
        chart = waterfall(
            contributions,
            base_value=shown.base_value,
            raw_score=shown.raw_score,
            look=look,
            descriptions=names,
            values=told_values(values_of(desk, shown)),
        )
        show_chart(chart, "waterfall")
    lead = _("The same features here, and for an average application of the reference sample.")
    with card("local-global", _("Here and in general"), lead):
        show_chart(local_against_global(contributions, averages_of(catalog_of(desk)), look=look), "local-global")


def draw_global(desk: DeskSession) -> None:
    """Draw what moves decisions in general."""
    look, influence = look_of(desk.theme), influence_of(desk)
    lead = _("Over the {rows} applicants of the model's reference sample.").format(rows=number(influence.rows))
    with card("importance", _("What moves decisions in general"), lead):
        show_chart(importance_bar(influence, look=look), "importance")
    lead = _("A point is an applicant; to the right its value raised the risk, to the left it lowered it.")
    with card("beeswarm", _("How values move decisions"), lead):
        show_chart(beeswarm(influence, look=look), "beeswarm")


def draw_one_feature(desk: DeskSession, shown: ShownDecision | None) -> None:
    """Draw how one feature's contribution depends on its value, with the client in it."""
    names = names_of(catalog_of(desk))
    features = [one.name for one in catalog_of(desk).features]
    contributions = {} if shown is None else contributions_of(shown)
    features.sort(key=lambda feature: -abs(contributions.get(feature, 0.0)))
    with card("dependence", _("One feature"), _("How its contribution follows its value, over the reference sample.")):
        feature = st.selectbox(
            _("Feature"), features, format_func=lambda one: f"{names.get(one, one)} ({one})", key="dependence-feature"
        )
        told = remembered(f"dependence-{feature}", lambda: ModelClient(desk.api).dependence(feature), 300)
        named = told.model_copy(update={"description": names.get(feature, told.description)})
        values = {} if shown is None else values_of(desk, shown)
        client = (values.get(feature), contributions[feature]) if feature in contributions else None
        show_chart(dependence(named, look=look_of(desk.theme), client=client), "dependence")


def draw_meanings(desk: DeskSession, shown: ShownDecision | None) -> None:
    """Draw the searchable table of what each feature means."""
    with card("meanings", _("What each feature means"), _("Where it comes from, and how it is computed.")):
        wanted = st.text_input(_("Search"), key="meanings-search", icon=":material/search:", max_chars=60)
        source = st.segmented_control(
            _("Source"),
            ["all", *sorted({one.source for one in catalog_of(desk).features})],
            default="all",
            required=True,
            format_func=lambda one: _("all") if one == "all" else source_word(one),
            key="meanings-source",
        )
        features = found_features(catalog_of(desk).features, names_of(catalog_of(desk)), wanted, source or "all")
        said = n_("{count} feature", "{count} features", len(features)).format(count=number(len(features)))
        st.html(f'<p class="small" role="status">{said}</p>')
        values = told_values({} if shown is None else values_of(desk, shown))
        names = names_of(catalog_of(desk))
        rows: Rows = [
            {
                _("Feature"): one.name,
                _("Meaning"): names.get(one.name, one.description),
                _("This client"): values.get(one.name),
                _("Typical"): told_values({one.name: one.typical})[one.name],
                _("Source"): source_word(one.source),
                _("Computed as"): one.definition,
            }
            for one in features
        ]
        if rows:
            st.html(plain_table(rows, _("What each feature means")))


def found_features(
    features: list[CatalogFeature], names: dict[str, str], wanted: str, source: str
) -> list[CatalogFeature]:
    """Return the features in whose name, meaning or definition all of the wanted words stand, from one source."""
    words = wanted.lower().split()
    return [
        one
        for one in features
        if source in ("all", one.source)
        and all(
            word in f"{one.name} {names.get(one.name, '')} {one.description} {one.definition}".lower() for word in words
        )
    ]


def source_word(source: str) -> str:
    """Return where a feature comes from, in words."""
    words = {
        "application": _("application"),
        "history": _("what the bank knows of the client"),
        "combined": _("application and history together"),
        "derived": _("computed from other features"),
    }
    return words.get(source, source)
