"""Draws how deciding goes at this moment; drawn again and again while the stream runs."""

from __future__ import annotations

from typing import Final

import streamlit as st

from desk.charts.looks import look_of
from desk.charts.stream import latency_over_time, outcomes_over_time, score_distribution, throughput_over_time
from desk.charts.watching import completeness, drift
from desk.client.model import ModelClient
from desk.client.operations import HealthRecord, OperationsClient, SeriesRecord
from desk.parts.card import card, facts
from desk.parts.charted import show_chart
from desk.parts.feature_names import catalog_of, names_of
from desk.parts.html import escape
from desk.parts.key_figures import KeyFigure, draw_key_figures
from desk.parts.remembered import remembered
from desk.session import DeskSession
from desk.words import N_, _, decimal, moment, number, percent

# Minutes looked at, and the length of a bucket in seconds that gives about sixty of them.
SPANS: Final[dict[int, tuple[str, int]]] = {
    5: (N_("5 minutes"), 5),
    15: (N_("15 minutes"), 15),
    60: (N_("1 hour"), 60),
    360: (N_("6 hours"), 360),
    1440: (N_("1 day"), 1440),
    10080: (N_("1 week"), 10080),
}


def draw_now(desk: DeskSession, minutes: int) -> None:
    """Draw key figures and charts of the last minutes."""
    client = OperationsClient(desk.api)
    told, health = client.series(minutes, SPANS[minutes][1]), client.health(minutes)
    draw_key_figures(now_figures(told, health), _("At this moment"))
    look = look_of(desk.theme)
    policy = remembered("model", lambda: ModelClient(desk.api).model(), 60).policy
    charts = {
        "latency": latency_over_time(told, look=look),
        "throughput": throughput_over_time(told, look=look),
        "outcomes": outcomes_over_time(told, look=look),
        "scores": score_distribution(client.scores(minutes), policy, look=look),
    }
    columns = (*st.columns(2, gap="medium"), *st.columns(2, gap="medium"))
    for column, (name, chart) in zip(columns, charts.items(), strict=True):
        with column, card(name, chart.title):
            show_chart(chart, name)
    left, right = st.columns(2, gap="medium")
    with left:
        _draw_completeness(desk, health)
    with right:
        _draw_drift(desk, health)


def now_figures(told: SeriesRecord, health: HealthRecord) -> list[KeyFigure]:
    """Return the key figures of the last minutes, all doors together."""
    count = sum(total.decisions for total in told.totals)
    a_second = sum(total.per_second or 0.0 for total in told.totals)
    slowest = max(told.totals, key=lambda total: total.p95_ms or 0.0, default=None)
    referred = sum(total.refer for total in told.totals)
    degraded = sum(total.degraded for total in told.totals)
    answered = health.answered
    return [
        KeyFigure(_("Decisions"), number(count), _("{rate} a second").format(rate=decimal(a_second, 2))),
        KeyFigure(
            _("95 % decided within"),
            "–" if slowest is None or slowest.p95_ms is None else _("{count} ms").format(count=number(slowest.p95_ms)),
            "" if slowest is None else _("the slower door, {door}").format(door=slowest.door),
        ),
        KeyFigure(_("Referred"), percent(referred / count) if count else "–", _("wait for a person")),
        KeyFigure(
            _("Errors"),
            "–" if answered is None or not answered.taken else percent(answered.dead_letters / answered.taken, 2),
            ""
            if answered is None
            else _("{count} of {total} applications could not be read").format(
                count=number(answered.dead_letters), total=number(answered.taken)
            ),
            "decline" if answered is not None and answered.dead_letters else "",
        ),
        KeyFigure(
            _("Without a part"), number(degraded), _("decided without history or reasons"), "refer" if degraded else ""
        ),
        KeyFigure(
            _("Waiting"),
            "–" if health.lag is None else number(health.lag.records),
            "" if health.lag is None else _("for {seconds} s").format(seconds=decimal(health.lag.seconds, 1)),
        ),
    ]


def _draw_completeness(desk: DeskSession, health: HealthRecord) -> None:
    with card("completeness", _("Completeness"), _("Every application taken gets exactly one answer.")):
        if health.completeness is None:
            st.write(_("The monitor does not answer, or has not checked yet."))
        else:
            show_chart(completeness(health.completeness, look=look_of(desk.theme)), "completeness")
            st.caption(_("Checked {moment}").format(moment=moment(health.completeness.checked_at)))
        ledger = health.ledger
        newest = "–" if ledger.newest_decided_at is None else moment(ledger.newest_decided_at)
        st.html(
            facts(
                [
                    (_("Decisions in the ledger"), number(ledger.decisions)),
                    (_("Newest"), newest),
                    (_("Answers without a decision"), number(ledger.waiting_answers)),
                    (_("Unreadable records"), number(ledger.unreadable)),
                    (_("Reviews to be published"), number(ledger.unpublished_reviews)),
                ]
            )
        )


def _draw_drift(desk: DeskSession, health: HealthRecord) -> None:
    with card("drift", _("Drift"), _("How far today's applications are from those the model learned from.")):
        if health.drift is None:
            st.write(_("The monitor does not answer."))
            return
        if health.drift.features:
            show_chart(drift(health.drift.features, names_of(catalog_of(desk)), look=look_of(desk.theme)), "drift")
        else:
            st.write(_("Too few decisions were seen to say anything of drift."))
        links = [(_("The monitor's page"), health.drift.page)]
        if health.drift.report:
            links.append((_("The last drift report"), health.drift.report))
        st.html(
            '<p class="links">'
            + " ".join(
                f'<a href="{escape(url)}" target="_blank" rel="noopener">{escape(name)}</a>' for name, url in links
            )
            + "</p>"
        )
