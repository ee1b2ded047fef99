"""Draws the model: what it is, how good, how fair, and how its versions came to decide."""

from __future__ import annotations

import re
from typing import Final

import streamlit as st

from desk.charts.chart import Rows
from desk.charts.looks import look_of
from desk.charts.model_quality import calibration, fairness
from desk.client.model import ModelClient, ModelRecord, VersionRecord
from desk.parts.card import card, facts
from desk.parts.charted import plain_table, show_chart
from desk.parts.key_figures import KeyFigure, draw_key_figures
from desk.parts.remembered import remembered
from desk.session import DeskSession
from desk.words import _, number, percent
from desk.words.model_texts import attribute_name, gate_name, group_name, measure_name

# Below four fifths of the best group's approval rate, US practice looks closer (29 CFR 1607.4 D).
FOUR_FIFTHS: Final = 0.8


def model_of(desk: DeskSession) -> ModelRecord:
    """Return the model that decides."""
    return remembered("model", lambda: ModelClient(desk.api).model(), 60)


def measure_figures(told: ModelRecord) -> list[KeyFigure]:
    """Return the measures as tiles, with their intervals."""
    return [
        KeyFigure(
            measure_name(name),
            number(one.value, 4),
            ""
            if one.low is None or one.high is None
            else _("between {low} and {high}").format(low=number(one.low, 4), high=number(one.high, 4)),
        )
        for name, one in told.measures.items()
    ]


def draw_measures(desk: DeskSession) -> None:
    """Draw what the model is and how good it is."""
    told = model_of(desk)
    draw_key_figures(measure_figures(told), _("Measures"))
    with card("what", _("What decides"), _("Measured on training rows that the model had not seen.")):
        if told.documents == "altered":
            st.warning(
                _("Measures and card are not what training wrote: have whoever runs the registry look at it."),
                icon=":material/warning:",
            )
        policy = told.policy
        st.html(
            facts(
                [
                    (_("Model"), f"{told.name} {told.version}"),
                    (_("Trained"), told.trained_at[:16].replace("T", " ")),
                    (_("Features"), number(told.features)),
                    (_("Rows"), number(told.rows)),
                    (_("Default rate"), percent(told.default_rate, 2)),
                    (_("Threshold"), percent(policy.threshold, 2)),
                    (_("A person decides"), f"{percent(policy.refer_from, 2)} – {percent(policy.decline_from, 2)}"),
                    (
                        _("Costs, default to declined good customer"),
                        f"{number(policy.false_negative_cost, 1)} : {number(policy.false_positive_cost, 1)}",
                    ),
                    (_("Calibration"), told.calibration_method),
                    (_("Digest"), told.digest[:16]),
                ]
            )
        )
    with card("calibration", _("Are the probabilities true?"), _("Observed against predicted defaults.")):
        if told.calibration:
            show_chart(calibration(told.calibration, look=look_of(desk.theme)), "calibration")
        else:
            st.write(_("This version was registered before calibration was kept with it."))


def draw_fairness(desk: DeskSession) -> None:
    """Draw how decisions fall on the groups of one attribute."""
    told = model_of(desk)
    attributes = sorted({group.attribute for group in told.fairness})
    with card("fairness", _("Groups beside each other"), _("Approvals and defaults by group, with intervals of 95 %.")):
        if not attributes:
            st.write(_("This version was registered before its fairness was kept with it."))
            return
        attribute = st.selectbox(_("Attribute"), attributes, format_func=attribute_name, key="fairness-attribute")
        impact = told.adverse_impact.get(attribute)
        if impact is not None:
            fair = impact >= FOUR_FIFTHS
            text = _(
                "The lowest approval rate of a group is {ratio} of the highest; below {bound} it is looked at closer."
            )
            (st.success if fair else st.warning)(
                text.format(ratio=percent(impact, 0), bound=percent(FOUR_FIFTHS, 0)),
                icon=":material/check_circle:" if fair else ":material/warning:",
            )
        groups = [group for group in told.fairness if group.attribute == attribute]
        show_chart(fairness(groups, group_name, look=look_of(desk.theme), impact=impact), "fairness")


def draw_versions(desk: DeskSession) -> None:
    """Draw the registered versions, and one of them with its gates and rehearsals."""
    versions = remembered("versions", lambda: ModelClient(desk.api).versions(), 30)
    with card("versions", _("Versions and promotions"), _("Which version decided when, and what it had to pass.")):
        st.html(plain_table(version_rows(versions), _("Versions")))
        names = {
            one.version: f"{one.version} {'· ' + ', '.join(one.aliases) if one.aliases else ''}".strip()
            for one in versions
        }
        if not names:
            return
        chosen = st.selectbox(_("Version"), list(names), format_func=lambda one: names[one], key="version")
        _draw_version(next(one for one in versions if one.version == chosen))


def version_rows(versions: list[VersionRecord]) -> Rows:
    """Return versions as a table's rows."""
    return [
        {
            _("Version"): one.version,
            _("Role"): ", ".join(one.aliases) or "–",
            _("Registered"): one.created_at[:16].replace("T", " "),
            _("Promoted"): (one.promoted_at or "–")[:16].replace("T", " "),
            **{
                measure_name(name): round(one.measures[name], 4)
                for name in ("auc", "ks", "brier")
                if name in one.measures
            },
            _("Gates passed"): f"{sum(gate.passed for gate in one.gates)} / {len(one.gates)}" if one.gates else "–",
            _("Rehearsals"): len(one.rehearsals),
        }
        for one in versions
    ]


def _draw_version(one: VersionRecord) -> None:
    if one.forced:
        st.warning(
            _("Promoted past failed gates by {by}: {reason}").format(
                by=one.forced.get("by") or "–", reason=one.forced.get("reason") or "–"
            ),
            icon=":material/warning:",
        )
    if one.gates:
        rows: Rows = [
            {
                _("Gate"): gate_name(gate.gate),
                _("Figure"): gate.figure,
                _("Bound"): gate.bound,
                _("Passed"): "✓ " + _("Yes") if gate.passed else "✕ " + _("No"),
            }
            for gate in one.gates
        ]
        st.html(plain_table(rows, _("Gates of its last promotion")))
    if one.rehearsals:
        rows = [
            {
                _("Made"): (rehearsal.made_at or "–")[:16].replace("T", " "),
                _("Applications"): rehearsal.applications,
                _("Outcomes that change"): rehearsal.outcome_flips,
                _("Population stability index"): round(rehearsal.psi, 4),
                _("Cost as decided"): round(rehearsal.cost_taken, 4),
                _("Cost by this version"): round(rehearsal.cost_candidate, 4),
            }
            for rehearsal in one.rehearsals
        ]
        st.html(plain_table(rows, _("Rehearsals on past applications")))
    if not one.gates and not one.rehearsals:
        st.write(_("No gate and no rehearsal is kept of this version: the first one has nothing to be compared with."))


def draw_card(desk: DeskSession) -> None:
    """Draw the model card, to read and to download."""
    told = model_of(desk)
    with card("model-card", _("Model card"), _("As training wrote it, in English.")):
        if told.card is None:
            st.write(_("This version has no card: it was registered by an older Loanstream."))
            return
        st.download_button(
            _("Download the card"), told.card, f"model-card-{told.version}.md", "text/markdown",
            icon=":material/download:", key="card-download", on_click="ignore",
        )  # fmt: skip
        with st.container(key="model-card-text"):
            st.markdown(lowered_headings(told.card))


def lowered_headings(markdown: str) -> str:
    """Return Markdown whose headings stand two levels lower, for a page that has its own; pictures are left out."""
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)\n?", "", markdown)
    return re.sub(r"^(#{1,4}) ", lambda found: "##" + found[1] + " ", text, flags=re.MULTILINE)
