"""Windows of counts: exact whatever happens to the process that keeps them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from credit.wire.audit import SourceRange, encode_audit, encode_rejections
from monitoring.exposition import MonitorMetrics
from monitoring.watches.completeness import Completeness
from monitoring.watches.offsets import PartitionTally
from monitoring.windows.decoding import AuditPayload
from monitoring.windows.layout import DecisionRows, PaneLayout
from monitoring.windows.monitor import Monitor
from monitoring.windows.panes import merged
from monitoring.windows.plan import RollingWindow, WindowPlan
from monitoring.windows.snapshots import SnapshotFolder, encode_state
from tests.fixtures import audited
from tests.fixtures.audited import SMALL, START_MS, feed
from tests.fixtures.looks import end_look, look

TOPIC = "loan-applications"
REFERENCES = audited.HeldReferences(audited.reference("1"), audited.reference("2", seed=98))


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 1),  # partition
        st.sampled_from(["1", "2"]),  # model version
        st.lists(st.integers(0, 900_000), min_size=1, max_size=4),  # times, in any disorder
    ),
    min_size=1,
    max_size=25,
)


def monitor(folder: Path) -> Monitor:
    return Monitor(SMALL, REFERENCES, SnapshotFolder(folder, "loan-audit"), MonitorMetrics(CollectorRegistry()))


def test_a_window_holds_what_a_count_over_its_rows_gives(tmp_path: Path) -> None:
    """The medium window of merged partitions equals counting the rows of its time span at once."""
    watch = monitor(tmp_path)
    watch.assigned([0, 1])
    features, times = audited.rows(3000), START_MS + np.arange(3000) * 200
    for partition in (0, 1):
        chosen = np.arange(partition, 3000, 2)
        for offset, part in enumerate(np.array_split(chosen, 7)):
            feed(watch, partition, [audited.payload(offset, audited.audit(features[part], times[part]))])
    view = watch.tick().windows["medium"]
    inside = features[(times >= view.start_ms) & (times < view.end_ms)]
    assert view.end_ms - view.start_ms == 300_000
    assert view.n == len(inside)
    reference = REFERENCES.all["1"]
    layout = PaneLayout(reference)
    held = merged(watch.states.values(), SMALL, "1", reference.identity, SMALL.windows[1])
    assert held is not None
    assert (layout.section("features", held) == reference.bins.count(inside)).all()
    assert view.groups.sum() == len(inside)


def test_a_day_replayed_at_full_speed_equals_a_batch_count(tmp_path: Path) -> None:
    """24 hours of events in order of arrival, not of time, on four partitions, leave in every window exactly what one
    batch computation over the events of its span gives: features, scores, outcomes, modes, reasons and groups.
    """
    plan = WindowPlan(
        (RollingWindow("short", 900, 60), RollingWindow("medium", 3600, 60), RollingWindow("long", 86400, 1800))
    )
    watch = Monitor(plan, REFERENCES, SnapshotFolder(tmp_path, "a"), MonitorMetrics(CollectorRegistry()))
    watch.assigned(range(4))
    n = 86_400
    rng = np.random.default_rng(1)
    features = audited.rows(n)
    times = START_MS + np.sort(rng.integers(0, 86_400_000, n)) - rng.integers(0, 600_000, n).clip(max=300_000)
    subjects = np.full((n, 4), -1, dtype=np.int16)
    for batch, part in enumerate(np.array_split(np.arange(n), 400)):
        decisions = audited.batch(features[part], times[part])
        subjects[part] = decisions.reasons.subject
        payload = audited.payload(batch // 4, audited.audit(features[part], times[part]))
        feed(watch, batch % 4, [payload])
    overview = watch.tick()
    probability, code = audited.probabilities(features), np.zeros(n, dtype=np.int8)
    everything = DecisionRows(features, probability, audited.POLICY.outcomes(probability), code, code, subjects)
    layout = PaneLayout(REFERENCES.all["1"])
    for window in plan.windows:
        view = overview.windows[window.name]
        inside = (times >= view.start_ms) & (times < view.end_ms)
        held = merged(watch.states.values(), plan, "1", layout.reference.identity, window)
        assert held is not None
        assert (held == layout.count(everything.take(inside))).all()
        assert view.n == inside.sum()
        # And once more without our own counting.
        assert view.outcomes.sum(axis=1).tolist() == np.bincount(everything.outcome[inside], minlength=3).tolist()
    assert overview.windows["long"].n > 0.97 * n
    assert overview.late == 0


@settings(max_examples=60, deadline=None)
@given(events=EVENTS, data=st.data())
def test_crashes_rebalances_and_batching_leave_no_trace(
    events: list[tuple[int, str, list[int]]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However polls are cut, processes die and partitions move, the state ends byte for byte as in one clean run."""
    logs: dict[int, list[AuditPayload]] = {0: [], 1: []}
    for seed, (partition, version, offsets) in enumerate(events):
        record = audited.audit(
            audited.rows(len(offsets), seed), START_MS + np.array(offsets), version=version, rejected=seed % 2
        )
        logs[partition].append(audited.payload(len(logs[partition]) * 2, record))
        if seed % 5 == 4:
            logs[partition].append(audited.payload(len(logs[partition]) * 2, b"not Arrow"))

    clean = monitor(tmp_path_factory.mktemp("clean"))
    clean.assigned(logs)
    for partition, payloads in logs.items():
        if payloads:
            feed(clean, partition, payloads)

    folder = tmp_path_factory.mktemp("crashing")
    workers = [monitor(folder), monitor(folder)]
    owner = {0: 0, 1: 1}
    position: dict[int, int] = {}

    def take(partition: int) -> None:
        offset = workers[owner[partition]].assigned([partition])[partition]
        position[partition] = offset or 0

    for partition in logs:
        take(partition)
    for _ in range(data.draw(st.integers(1, 40))):
        partition = data.draw(st.integers(0, 1))
        worker = workers[owner[partition]]
        event = data.draw(st.sampled_from(["poll", "poll", "poll", "snapshot", "crash", "rebalance", "lost"]))
        if event == "poll":
            waiting = [p for p in logs[partition] if p.offset >= position[partition]]
            polled = waiting[: data.draw(st.integers(1, 4))]
            if polled:
                feed(worker, partition, polled)
                position[partition] = polled[-1].offset + 1
        elif event == "snapshot":
            worker.snapshot()
        elif event == "crash":
            held = list(worker.states)
            workers[owner[partition]] = monitor(folder)
            for lost in held:
                take(lost)
        elif event == "rebalance":
            worker.revoked([partition])
            owner[partition] = 1 - owner[partition]
            take(partition)
        else:  # the partition went elsewhere without a word, and the old owner still saves what it had
            stale = worker.states[partition]
            owner[partition] = 1 - owner[partition]
            take(partition)
            if worker is not workers[owner[partition]]:
                worker.states.pop(partition)
            SnapshotFolder(folder, "loan-audit").save(partition, stale)
            take(partition)
    for partition, payloads in logs.items():
        rest = [p for p in payloads if p.offset >= position[partition]]
        if rest:
            feed(workers[owner[partition]], partition, rest)
        assert encode_state(workers[owner[partition]].states[partition]) == encode_state(clean.states[partition])


def test_a_record_read_twice_counts_once(tmp_path: Path) -> None:
    """A payload below the state's offset changes nothing, alone or at the head of a poll."""
    watch = monitor(tmp_path)
    watch.assigned([0])
    first = audited.payload(0, audited.audit(audited.rows(5), START_MS))
    feed(watch, 0, [first])
    feed(watch, 0, [first])
    feed(watch, 0, [first, audited.payload(1, audited.audit(audited.rows(3), START_MS))])
    assert watch.states[0].decisions == 8


def test_late_events_are_counted_and_left_out(tmp_path: Path) -> None:
    """A row more than the lateness behind its partition's newest is late; one at the edge is not."""
    watch = monitor(tmp_path)
    watch.assigned([0])
    feed(watch, 0, [audited.payload(0, audited.audit(audited.rows(1), START_MS + 500_000))])
    feed(watch, 0, [audited.payload(1, audited.audit(audited.rows(2), [START_MS + 380_000, START_MS + 379_999]))])
    assert watch.states[0].late == 1
    assert watch.tick().windows["medium"].n == 2


def test_a_senders_clock_cannot_move_the_watermark_ahead(tmp_path: Path) -> None:
    """An application submitted in the future counts at the time it was decided."""
    watch = monitor(tmp_path)
    watch.assigned([0])
    record = audited.audit(audited.rows(1), START_MS + 300_000, decided_after_ms=-300_000)
    feed(watch, 0, [audited.payload(0, record)])
    assert watch.states[0].newest_ms == START_MS


def test_the_monitor_keeps_completeness_beside_its_windows(tmp_path: Path) -> None:
    """Records through the monitor, killed between two snapshots and read again, poison and HTTP's among them."""

    def restarted() -> Monitor:
        return Monitor(
            audited.SMALL,
            audited.HeldReferences(audited.reference("1")),
            SnapshotFolder(tmp_path, "loan-audit"),
            MonitorMetrics(CollectorRegistry()),
            completeness=Completeness(TOPIC),
        )

    rows = audited.rows(3)
    batch = audited.batch(rows, audited.START_MS)
    log = [
        encode_audit(batch, "kafka", [SourceRange(TOPIC, 0, 0, 3)], rejected=1),
        encode_audit(batch, "http", []),
        encode_rejections("kafka", [SourceRange(TOPIC, 0, 4, 6)], 3),
        encode_audit(batch, "kafka", [SourceRange(TOPIC, 0, 8, 10)]),
    ]
    payloads = [audited.payload(offset, value) for offset, value in enumerate(log)]
    first = restarted()
    first.assigned([0])
    for n in (2, 3):
        decoded = first.decode(0, payloads[n - 2 : n])
        assert first.ready([decoded])
        first.add(decoded)
        if n == 2:
            first.snapshot()
    second = restarted()
    assert second.assigned([0]) == {0: 2}
    decoded = second.decode(0, payloads)
    assert second.ready([decoded])
    second.add(decoded)
    assert second.states[0].rejected == 4
    assert second.states[0].decisions == 9
    assert second.completeness is not None
    second.completeness.read_to({0: 4})
    assert end_look(second.completeness, look({0: 11}, {0: 4})) == {0: PartitionTally(10, 1, 0)}


def test_a_lost_file_of_completeness_is_made_again_from_the_topic(tmp_path: Path) -> None:
    """Windows go on where they were; completeness reads again, and no decision is counted twice."""
    log = [encode_audit(audited.batch(audited.rows(2), audited.START_MS), "kafka", [SourceRange(TOPIC, 0, 0, 1)])]
    payloads = [audited.payload(0, log[0])]

    def restarted() -> Monitor:
        references = audited.HeldReferences(audited.reference("1"))
        folder = SnapshotFolder(tmp_path, "loan-audit")
        return Monitor(
            audited.SMALL, references, folder, MonitorMetrics(CollectorRegistry()), completeness=Completeness(TOPIC)
        )

    first = restarted()
    first.assigned([0])
    first.add(first.decode(0, payloads))
    first.snapshot()
    (tmp_path / "loan-audit.completeness").unlink()
    second = restarted()
    assert second.assigned([0]) == {0: 0}
    second.add(second.decode(0, payloads))
    assert second.states[0].decisions == 2
    assert second.completeness is not None
    second.completeness.read_to({0: 1})
    assert end_look(second.completeness, look({0: 2}, {0: 1})) == {0: PartitionTally(2, 0, 0)}


def test_what_has_not_changed_is_neither_computed_nor_saved_again(tmp_path: Path) -> None:
    """A tick without news gives the overview that there is; a snapshot without news touches no file."""
    watch = monitor(tmp_path)
    watch.assigned([0])
    features, times = audited.rows(200), START_MS + np.arange(200) * 200
    feed(watch, 0, [audited.payload(0, audited.audit(features[:100], times[:100]))])
    first = watch.tick()
    watch.snapshot()
    (path,) = tmp_path.glob("*.snapshot")
    written = path.stat().st_mtime_ns
    assert watch.tick() is first
    watch.snapshot()
    assert path.stat().st_mtime_ns == written
    feed(watch, 0, [audited.payload(1, audited.audit(features[100:], times[100:]))])
    assert watch.tick().windows["medium"].n == 200
    watch.snapshot()
    assert path.stat().st_mtime_ns > written
