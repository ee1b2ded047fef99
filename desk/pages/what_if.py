"""The page What if: change an application and see at once what would be decided; nothing is kept as a decision."""

from __future__ import annotations

import streamlit as st

from desk.application.checks import number_of
from desk.application.values import Stored
from desk.charts.looks import look_of
from desk.charts.scenarios import Scenario, scenario_comparison
from desk.client.errors import ApiFault
from desk.client.simulations import SimulationClient
from desk.parts.card import card
from desk.parts.charted import plain_table, show_chart
from desk.parts.decision_of import application_of_subject, kept_application
from desk.parts.decision_view import draw_gauge, draw_outcome, draw_reasons, policy_of
from desk.parts.errors import show_fault
from desk.parts.finder import pick_subject
from desk.parts.frame import heading
from desk.parts.html import escape
from desk.parts.outcome import badge
from desk.parts.remembered import remembered
from desk.parts.scenarios import (
    KeptScenario,
    changed_cells,
    comparison,
    drop_scenarios,
    in_words,
    keep_scenario,
    kept_scenarios,
)
from desk.parts.subject import DeskSubject
from desk.parts.what_if_fields import begin_anew, draw_changes_of
from desk.session import DeskSession
from desk.shown import ShownDecision, of_simulation
from desk.words import _, percent, points


def show(desk: DeskSession) -> None:
    """Draw the page."""
    heading(
        _("What if"),
        _("Change the application and see at once what would be decided. A simulation: nothing is kept of it."),
    )
    subject = pick_subject(desk)
    application = application_of_subject(desk, subject)
    if not application:
        st.info(_("No application of this client is on file, so there is nothing to change."), icon=":material/info:")
        return
    st.fragment(_draw)(desk, subject, application)


def _draw(desk: DeskSession, subject: DeskSubject, application: dict[str, Stored]) -> None:
    who = str(subject.client)
    left, right = st.columns([2, 3], gap="medium")
    with left, card("what-if", _("The application")):
        changed = draw_changes_of(desk, application, who)
        st.button(_("Back to how it is"), icon=":material/undo:", on_click=begin_anew, key="what-if-reset")
    changes = changed_cells(application, changed)
    with right:
        try:
            name = f"base-{who}-{number_of(application)}"
            base = remembered(name, lambda: _simulated(desk, subject, application, {}), 60)
            after = _simulated(desk, subject, application, changes) if changes else base
        except ApiFault as fault:
            show_fault(fault, retry=False)
            return
        _draw_both(desk, base, after)
        with card("scenarios", _("Scenarios"), _("Kept until you close the desk, so that you can compare them.")):
            _draw_scenarios(desk, subject, application, changes, base, after)
        draw_reasons(desk, after)


def _draw_both(desk: DeskSession, base: ShownDecision, after: ShownDecision) -> None:
    draw_outcome(after)
    before_column, after_column = st.columns(2, gap="medium")
    with before_column, card("before"):
        title = _("Before")
        st.html(f'<h3 class="group">{escape(title)} {badge(base.outcome)}</h3>')
        draw_gauge(desk, base, "gauge-before", data=False)
    with after_column, card("after"):
        title, moved = _("After"), points(after.probability - base.probability)
        st.html(f'<h3 class="group">{escape(title)} {badge(after.outcome)} <span>{escape(moved)}</span></h3>')
        draw_gauge(desk, after, "gauge-after", data=False)
    said = _("Risk {before} → {after}").format(before=percent(base.probability), after=percent(after.probability))
    st.html(f'<p class="unseen" role="status">{escape(said)}</p>')


def _draw_scenarios(
    desk: DeskSession,
    subject: DeskSubject,
    application: dict[str, Stored],
    changes: dict[str, Stored],
    base: ShownDecision,
    after: ShownDecision,
) -> None:
    kept = kept_scenarios(subject.client)
    for line in in_words(application, changes):
        st.markdown(f"- {line}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            _("Name of this scenario"),
            _("Scenario {number}").format(number=len(kept) + 1),
            max_chars=60,
            key="scenario-name",
        )
        if st.button(_("Keep it"), icon=":material/bookmark:", disabled=not changes, key="scenario-keep"):
            keep_scenario(KeptScenario(name, subject.client, changes, after))
            kept = kept_scenarios(subject.client)
        if kept and st.button(_("Forget all"), icon=":material/delete:", key="scenario-drop"):
            drop_scenarios(subject.client)
            kept = []
    if kept:
        shown = [(_("As it is"), base), *((one.name, one.result) for one in kept)]
        bars = [Scenario(title, result.probability, result.outcome) for title, result in shown]
        policy = base.policy
        chart = scenario_comparison(
            bars, refer_from=policy.refer_from, decline_from=policy.decline_from, look=look_of(desk.theme)
        )
        show_chart(chart, "scenarios", data=False)
        st.html(plain_table(comparison(application, base, kept), _("Scenarios compared")))


def _simulated(
    desk: DeskSession, subject: DeskSubject, application: dict[str, Stored], changes: dict[str, Stored]
) -> ShownDecision:
    client = SimulationClient(desk.api)
    if subject.typed is None and subject.client is not None and kept_application(desk, subject) is None:
        answer = client.of_client(subject.client, changes)
    else:
        answer = client.of_application({key: cell for key, cell in (application | changes).items() if cell is not None})
    return of_simulation(answer, remembered("policy", lambda: policy_of(desk), 60))
