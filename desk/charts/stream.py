"""How deciding goes: latency, throughput, outcomes and scores along time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from desk.charts.chart import Chart, Rows
from desk.charts.drawing import blank, outcome_name
from desk.charts.looks import Look, Mark
from desk.charts.times import clock, time_axis
from desk.client.model import PolicyRecord
from desk.client.operations import ScoresRecord, SeriesRecord, TimeBucket
from desk.words import _, moment, number, percent

OUTCOMES = ("approve", "refer", "decline")


def doors_of(series: SeriesRecord) -> list[str]:
    """The doors that decided in this time, in a stable order."""
    return sorted({bucket.door for bucket in series.buckets} | {total.door for total in series.totals})


def latency_over_time(series: SeriesRecord, *, look: Look) -> Chart:
    """Median and 95th percentile of each door along time, on a logarithmic scale."""
    figure = blank(look, height=340)
    for door, mark in _marked_doors(series, look):
        found = [bucket for bucket in series.buckets if bucket.door == door]
        for name, values, width, dash in (
            (_("{door}, half are faster").format(door=door), [b.p50_ms for b in found], 3, "solid"),
            (_("{door}, 95 % are faster").format(door=door), [b.p95_ms for b in found], 1.8, "dash"),
        ):
            figure.add_scatter(
                x=[clock(bucket.begin) for bucket in found],
                y=values,
                mode="lines+markers",
                line={"color": mark.colour, "dash": dash, "width": width},
                marker=mark.point(look.paper, 7),
                name=name,
                hovertemplate="%{x|%H:%M:%S}: %{y:.0f} ms<extra></extra>",
            )
    figure.update_yaxes(type="log", title_text=_("milliseconds"), dtick="D2")
    figure.update_xaxes(**_span(series))
    said = [
        _("{door}: half of the decisions within {p50} ms, 95 % within {p95} ms, 99 % within {p99} ms.").format(
            door=total.door, p50=number(total.p50_ms), p95=number(total.p95_ms), p99=number(total.p99_ms)
        )
        for total in series.totals
    ]
    return Chart(_("Latency"), figure, " ".join(said) or _nothing(), _table(series))


def throughput_over_time(series: SeriesRecord, *, look: Look) -> Chart:
    """Decisions a second of each door along time, stacked."""
    figure = blank(look, height=340)
    for door, mark in _marked_doors(series, look):
        found = [bucket for bucket in series.buckets if bucket.door == door]
        figure.add_bar(
            x=[_middle(series, bucket) for bucket in found],
            y=[bucket.decisions / series.step_s for bucket in found],
            width=series.step_s * 1000 * 0.8,
            marker=mark.bar(look.paper),
            name=door,
            hovertemplate="%{x|%H:%M:%S}: %{y:.2f}<extra></extra>",
        )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(rangemode="tozero", title_text=_("decisions a second"))
    figure.update_xaxes(**_span(series))
    said = [
        _("{door}: {count} decisions, {rate} a second.").format(
            door=total.door, count=number(total.decisions), rate=number(total.per_second, 2)
        )
        for total in series.totals
    ]
    return Chart(_("Decisions a second"), figure, " ".join(said) or _nothing(), _table(series))


def outcomes_over_time(series: SeriesRecord, *, look: Look) -> Chart:
    """Share of each outcome along time, all doors together."""
    times = sorted({bucket.begin for bucket in series.buckets})
    counts = {
        outcome: [sum(getattr(b, outcome) for b in series.buckets if b.begin == at) for at in times]
        for outcome in OUTCOMES
    }
    every = [max(1, sum(counts[outcome][place] for outcome in OUTCOMES)) for place in range(len(times))]
    half = series.step_s * 500
    figure = blank(look, height=340)
    for outcome in OUTCOMES:
        mark = look.outcome(outcome)
        figure.add_bar(
            x=[clock(at + half) for at in times],
            y=[count / total for count, total in zip(counts[outcome], every, strict=True)],
            width=series.step_s * 1000 * 0.8,
            marker=mark.bar(look.paper),
            name=f"{mark.sign} {outcome_name(outcome)}",
            customdata=counts[outcome],
            hovertemplate="%{x|%H:%M:%S}: %{y:.0%} (%{customdata})<extra></extra>",
        )
    figure.update_layout(barmode="stack")
    figure.update_yaxes(tickformat=".0%", range=[0, 1])
    figure.update_xaxes(**_span(series))
    totals = {outcome: sum(counts[outcome]) for outcome in OUTCOMES}
    count = sum(totals.values())
    said = (
        [f"{outcome_name(o)}: {percent(n / count)} ({number(n)})." for o, n in totals.items()]
        if count
        else [_nothing()]
    )
    return Chart(_("Outcomes"), figure, " ".join(said), _table(series))


def score_distribution(scores: ScoresRecord, policy: PolicyRecord | None, *, look: Look) -> Chart:
    """Decisions by probability of default, stacked by outcome, with the policy's bands as lines."""
    last = max((place for place, one in enumerate(scores.bins) if one.approve + one.refer + one.decline), default=9)
    bins = scores.bins[: max(last + 2, 10)]
    figure = blank(look, height=340, bargap=0.06)
    for outcome in OUTCOMES:
        mark = look.outcome(outcome)
        figure.add_bar(
            x=[(one.low + one.high) / 2 for one in bins],
            y=[getattr(one, outcome) for one in bins],
            marker=mark.bar(look.paper),
            name=f"{mark.sign} {outcome_name(outcome)}",
            customdata=[f"{percent(one.low, 0)} – {percent(one.high, 0)}" for one in bins],
            hovertemplate="%{customdata}: %{y}<extra></extra>",
        )
    if policy is not None:
        for edge in sorted({policy.refer_from, policy.decline_from}):
            figure.add_vline(x=edge, line={"color": look.ink, "width": 1.5, "dash": "dot"})
    figure.update_layout(barmode="stack")
    figure.update_xaxes(tickformat=".0%", title_text=_("risk of default"))
    figure.update_yaxes(title_text=_("decisions"), rangemode="tozero")
    if scores.count:
        peak = max(scores.bins, key=lambda one: one.approve + one.refer + one.decline)
        alternative = _("{count} decisions; most lie between {low} and {high}.").format(
            count=number(scores.count), low=percent(peak.low, 0), high=percent(peak.high, 0)
        )
    else:
        alternative = _nothing()
    table: Rows = [
        {
            _("From (%)"): round(100 * one.low, 2),
            _("To (%)"): round(100 * one.high, 2),
            **{outcome_name(outcome): getattr(one, outcome) for outcome in OUTCOMES},
        }
        for one in scores.bins
    ]
    return Chart(_("Scores"), figure, alternative, table)


def _marked_doors(series: SeriesRecord, look: Look) -> Iterator[tuple[str, Mark]]:
    marks: Sequence[Mark] = (look.approve, look.similar, look.refer, look.other, look.plain)
    for place, door in enumerate(doors_of(series)):
        yield door, marks[place % len(marks)]


def _middle(series: SeriesRecord, bucket: TimeBucket) -> str:
    return clock(bucket.begin + series.step_s * 500)


def _span(series: SeriesRecord) -> dict[str, object]:
    return time_axis([series.begin, series.end]) | {
        "range": [clock(series.begin), clock(series.end)],
        "showgrid": False,
    }


def _nothing() -> str:
    return _("Nothing was decided in this time.")


def _table(series: SeriesRecord) -> Rows:
    return [
        {
            _("From"): moment(bucket.begin),
            _("Door"): bucket.door,
            _("Decisions"): bucket.decisions,
            _("p50 (ms)"): bucket.p50_ms,
            _("p95 (ms)"): bucket.p95_ms,
            _("p99 (ms)"): bucket.p99_ms,
            **{outcome_name(outcome): getattr(bucket, outcome) for outcome in OUTCOMES},
            _("Without a part"): bucket.degraded,
        }
        for bucket in reversed(series.buckets)
    ]
