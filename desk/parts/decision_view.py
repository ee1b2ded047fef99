"""The parts of a decision that a page shows first: outcome, gauge, reasons, and what to do."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from desk.advice import advice_on
from desk.application.values import label, told
from desk.charts.gauge import risk_gauge
from desk.charts.looks import look_of
from desk.client.decisions import DecidingNow, DeskReason
from desk.client.errors import ApiFault
from desk.parts.card import card
from desk.parts.charted import show_chart
from desk.parts.feature_names import catalog_of, names_of
from desk.parts.html import escape
from desk.parts.outcome import outcome_banner, outcome_word
from desk.session import DeskSession
from desk.shown import ShownDecision, ShownPolicy
from desk.words import N_, _, decimal, moment, number, percent

_MODES = {
    "history_unavailable": N_("The client's history could not be read, so it was decided without."),
    "reasons_unavailable": N_("The reasons could not be worked out when it was decided."),
    "history_and_reasons_unavailable": N_("It was decided without the client's history, and without reasons."),
}


def policy_of(desk: DeskSession) -> ShownPolicy:
    """Return the bands of the policy that decides now."""
    policy = desk.api.get("/model", DecidingNow).policy
    return ShownPolicy(policy.threshold, policy.refer_from, policy.decline_from)


def draw_outcome(shown: ShownDecision) -> None:
    """Draw the outcome in words, colour and symbol, and what has become of it since."""
    below = _("Risk of default {risk} · {points} points · model version {version} · {moment}").format(
        risk=percent(shown.probability),
        points=number(shown.points),
        version=shown.model_version,
        moment=moment(shown.decided_at),
    )
    outcome_banner(shown.outcome, below, mark=_("Simulation") if shown.simulated else "")
    if shown.was_changed:
        st.warning(
            _("A person decided otherwise since: **{outcome}**. That is what holds; the model's decision stays below.")
            .format(outcome=outcome_word(shown.final_outcome)),
            icon=":material/gavel:",
        )  # fmt: skip
    if shown.mode in _MODES:
        st.warning(_(_MODES[shown.mode]), icon=":material/warning:")
    if shown.erased:
        st.info(_("This client's data were erased: what was personal is gone for good."), icon=":material/delete:")


def draw_gauge(desk: DeskSession, shown: ShownDecision, key: str = "gauge", *, data: bool = True) -> None:
    """Draw the risk from 0 to 100 % with the threshold and the refer band."""
    chart = risk_gauge(
        shown.probability,
        threshold=shown.policy.threshold,
        refer_from=shown.policy.refer_from,
        decline_from=shown.policy.decline_from,
        look=look_of(desk.theme),
    )
    chart.figure.update_layout(margin={"l": 40, "r": 40})
    if not data:  # beside another one: small, and its words are there
        chart.figure.update_layout(showlegend=False, height=230, margin={"t": 8, "b": 16})
    show_chart(chart, key, data=data)


def draw_reasons(desk: DeskSession, shown: ShownDecision) -> None:
    """Draw at most four reasons in plain language, the strongest first, with the figure behind each."""
    title = _("What spoke for it") if shown.outcome == "approve" else _("Why")
    lead = _("The principal reasons, the strongest first. Each was tried on the model before it was given.")
    with card("reasons", title, lead):
        if not shown.reasons:
            st.write(_("No reasons are kept of this decision."))
            return
        largest = max((reason.share or 0.0) for reason in shown.reasons) or 1.0
        names = feature_names(desk)
        rows = "".join(_reason(reason, largest, names) for reason in list(shown.reasons)[:4])
        st.html(f'<ol class="reasons {escape(shown.outcome)}">{rows}</ol>')


def draw_advice(shown: ShownDecision, plan_found: bool | None) -> None:
    """Draw the recommendation and the action plan."""
    codes = [reason.code for reason in shown.reasons]
    outcome = shown.final_outcome
    advice = advice_on(outcome, codes, stored=not shown.simulated, plan_found=plan_found)
    with card("advice", _("What to do"), advice.recommendation):
        st.html('<ol class="steps">' + "".join(f"<li>{escape(step)}</li>" for step in advice.steps) + "</ol>")


def feature_names(desk: DeskSession) -> dict[str, str]:
    """Return the name of each feature in the language spoken now; nothing where the catalog cannot be asked."""
    try:
        return names_of(catalog_of(desk))
    except ApiFault:
        return {}


def _reason(reason: DeskReason, largest: float, names: Mapping[str, str]) -> str:
    share = reason.share or 0.0
    figure = ""
    if reason.feature is not None:
        value = told(reason.feature, reason.value)
        known = reason.typical is not None
        typical = _("typical: {value}").format(value=told(reason.feature, reason.typical)) if known else ""
        name = escape(names.get(reason.feature) or label(reason.feature))
        figure = f'<span class="figure">{name}: <b>{escape(value)}</b> <i>{escape(typical)}</i></span>'
    weight = _("{share} of what pushed this way").format(share=percent(share, 0)) if reason.share else ""
    return (
        f'<li><div><strong>{escape(_(reason.subject))}</strong><span class="share">{escape(weight)}</span></div>'
        f"<p>{escape(_(reason.text))}</p>"
        f'<div class="bar" aria-hidden="true"><i style="width:{100 * share / largest:.0f}%"></i></div>{figure}</li>'
    )


def odds(value: float | None) -> str:
    """Return a contribution in log-odds with its sign."""
    if value is None:
        return decimal(None)
    return ("+" if value >= 0 else "−") + decimal(abs(value), 2)
