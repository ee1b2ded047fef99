"""Windows of counts: exact whatever happens to the process that keeps them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from credit.errors import SettingsError
from monitoring.exposition import MonitorMetrics
from monitoring.windows.decoding import AuditPayload
from monitoring.windows.layout import DecisionRows, PaneLayout
from monitoring.windows.monitor import Monitor
from monitoring.windows.overview import overview_of
from monitoring.windows.panes import PartitionState, merged
from monitoring.windows.plan import RollingWindow, WindowPlan
from monitoring.windows.snapshots import SnapshotFolder, decode_state, encode_state
from tests.unit.monitoring import made
from tests.unit.monitoring.made import SMALL, START_MS

REFERENCES = made.HeldReferences(made.reference("1"), made.reference("2", seed=98))


def monitor(folder: Path) -> Monitor:
    return Monitor(SMALL, REFERENCES, SnapshotFolder(folder, "loan-audit"), MonitorMetrics(CollectorRegistry()))


def feed(watch: Monitor, partition: int, payloads: list[AuditPayload]) -> None:
    decoded = watch.decode(partition, payloads)
    assert watch.ready([decoded])
    watch.add(decoded)


def test_a_window_holds_what_a_count_over_its_rows_gives(tmp_path: Path) -> None:
    """The medium window of merged partitions equals counting the rows of its time span at once."""
    watch = monitor(tmp_path)
    watch.assigned([0, 1])
    features, times = made.rows(3000), START_MS + np.arange(3000) * 200
    for partition in (0, 1):
        chosen = np.arange(partition, 3000, 2)
        for offset, part in enumerate(np.array_split(chosen, 7)):
            feed(watch, partition, [made.payload(offset, made.audit(features[part], times[part]))])
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
    features = made.rows(n)
    times = START_MS + np.sort(rng.integers(0, 86_400_000, n)) - rng.integers(0, 600_000, n).clip(max=300_000)
    subjects = np.full((n, 4), -1, dtype=np.int16)
    for batch, part in enumerate(np.array_split(np.arange(n), 400)):
        decisions = made.batch(features[part], times[part])
        subjects[part] = decisions.reasons.subject
        payload = made.payload(batch // 4, made.audit(features[part], times[part]))
        feed(watch, batch % 4, [payload])
    overview = watch.tick()
    probability, code = made.probabilities(features), np.zeros(n, dtype=np.int8)
    everything = DecisionRows(features, probability, made.POLICY.outcomes(probability), code, code, subjects)
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


EVENTS = st.lists(
    st.tuples(
        st.integers(0, 1),  # partition
        st.sampled_from(["1", "2"]),  # model version
        st.lists(st.integers(0, 900_000), min_size=1, max_size=4),  # times, in any disorder
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=60, deadline=None)
@given(events=EVENTS, data=st.data())
def test_crashes_rebalances_and_batching_leave_no_trace(
    events: list[tuple[int, str, list[int]]], data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """However polls are cut, processes die and partitions move, the state ends byte for byte as in one clean run."""
    logs: dict[int, list[AuditPayload]] = {0: [], 1: []}
    for seed, (partition, version, offsets) in enumerate(events):
        record = made.audit(
            made.rows(len(offsets), seed), START_MS + np.array(offsets), version=version, rejected=seed % 2
        )
        logs[partition].append(made.payload(len(logs[partition]) * 2, record))
        if seed % 5 == 4:
            logs[partition].append(made.payload(len(logs[partition]) * 2, b"not Arrow"))

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
    first = made.payload(0, made.audit(made.rows(5), START_MS))
    feed(watch, 0, [first])
    feed(watch, 0, [first])
    feed(watch, 0, [first, made.payload(1, made.audit(made.rows(3), START_MS))])
    assert watch.states[0].decisions == 8


def test_late_events_are_counted_and_left_out(tmp_path: Path) -> None:
    """A row more than the lateness behind its partition's newest is late; one at the edge is not."""
    watch = monitor(tmp_path)
    watch.assigned([0])
    feed(watch, 0, [made.payload(0, made.audit(made.rows(1), START_MS + 500_000))])
    feed(watch, 0, [made.payload(1, made.audit(made.rows(2), [START_MS + 380_000, START_MS + 379_999]))])
    assert watch.states[0].late == 1
    assert watch.tick().windows["medium"].n == 2


def test_a_senders_clock_cannot_move_the_watermark_ahead(tmp_path: Path) -> None:
    """An application submitted in the future counts at the time it was decided."""
    watch = monitor(tmp_path)
    watch.assigned([0])
    record = made.audit(made.rows(1), START_MS + 300_000, decided_after_ms=-300_000)
    feed(watch, 0, [made.payload(0, record)])
    assert watch.states[0].newest_ms == START_MS


def test_a_new_model_version_has_windows_of_its_own(tmp_path: Path) -> None:
    """Two versions at once are both counted, the one with most decisions of late leads, and old panes end."""
    watch = monitor(tmp_path)
    watch.assigned([0])
    feed(watch, 0, [made.payload(0, made.audit(made.rows(30), START_MS, version="1"))])
    feed(watch, 0, [made.payload(1, made.audit(made.rows(50), START_MS + 1000, version="2"))])
    overview = watch.tick()
    assert overview.decided["short"] == {"1": 30, "2": 50}
    assert overview.leading is REFERENCES.all["2"]
    feed(watch, 0, [made.payload(2, made.audit(made.rows(1), START_MS + 9_000_000, version="2"))])
    assert list(watch.states[0].versions) == ["2"]


def test_the_hour_before_is_compared_with_too(tmp_path: Path) -> None:
    """A window is compared with the period before it once something is known of that."""
    watch = monitor(tmp_path)
    watch.assigned([0])
    old, new = made.rows(600, 1), made.rows(600, 2)
    new[:, 0] *= 2
    feed(watch, 0, [made.payload(0, made.audit(old, START_MS))])
    assert watch.tick().windows["medium"].earlier is None
    feed(watch, 0, [made.payload(1, made.audit(new, START_MS + 1_800_000))])
    view = watch.tick().windows["medium"]
    assert view.earlier is not None
    assert view.earlier.n_then == 600
    assert view.earlier.drift.psi[0] > 0.5
    assert view.earlier_approval > 0


def test_a_torn_or_foreign_snapshot_reads_as_none(tmp_path: Path) -> None:
    """Bytes that are not a whole snapshot are refused, so that the partition is counted from its start."""
    folder = SnapshotFolder(tmp_path, "t")
    state = PartitionState(offset=5)
    assert folder.save(0, state)
    content = (tmp_path / "t-0.snapshot").read_bytes()
    assert decode_state(content) == state
    for torn in (b"", content[:-3], b"XXXX" + content[4:], content[:20] + b"\0" + content[21:]):
        (tmp_path / "t-0.snapshot").write_bytes(torn)
        assert folder.load(0) is None
    assert folder.load(7) is None


def test_an_older_snapshot_never_replaces_a_newer_one(tmp_path: Path) -> None:
    """Whoever lost a partition without being told cannot put it back to what he had."""
    folder = SnapshotFolder(tmp_path, "t")
    assert folder.save(0, PartitionState(offset=5))
    assert not folder.save(0, PartitionState(offset=4))
    assert folder.load(0) == PartitionState(offset=5)


def test_panes_must_nest() -> None:
    """A plan whose panes do not fit into each other is refused in one line."""
    with pytest.raises(SettingsError, match="multiple of the finest"):
        WindowPlan((RollingWindow("short", 60, 7), RollingWindow("long", 600, 10)))


def test_nothing_seen_gives_an_empty_overview() -> None:
    """Before the first decision there is no window and no error."""
    overview = overview_of([PartitionState()], SMALL, REFERENCES.held())
    assert overview.windows == {}
    assert overview.newest_ms == -1


def test_layout_counts_every_part() -> None:
    """Outcomes, modes, scores, grid and reasons of n rows each add up to what was given."""
    layout = PaneLayout(made.reference())
    features = made.rows(100)
    p = made.probabilities(features)
    subject = np.full((100, 4), -1, dtype=np.int16)
    subject[:, :2] = [3, 5]
    outcome = made.POLICY.outcomes(p)
    zero = np.zeros(100, dtype=np.int8)
    vector = layout.count(DecisionRows(features, p, outcome, zero, zero, subject))
    assert layout.section("outcome", vector).sum() == 100
    assert layout.section("mode", vector)[0] == 100
    assert layout.section("grid", vector).sum() == 100
    assert layout.section("reason", vector).sum() == 200
    assert layout.section("reason", vector)[0, 3] == (outcome == 0).sum()
