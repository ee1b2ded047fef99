"""The checker of histories: a clean one passes, and each rule catches the bug that is planted for it."""

from __future__ import annotations

import pytest

from tests.faults.history import Seen, judge


def history(partitions: int = 3, count: int = 40) -> list[Seen]:
    """Return records as a topic has them: every fourth offset is a transaction's marker, keys come back."""
    records = []
    for partition in range(partitions):
        for number in range(count):
            offset = number + number // 3
            records.append(Seen(partition, offset, f"app-{partition}-{number % 17}", 1000 + number))
    return records


def test_what_one_reader_saw_and_what_stands_there_agree() -> None:
    """Also where the reader began later than the topic, was behind at the end, and partitions came in turns."""
    final = history()
    assert judge(final, final).total == 0
    in_turns = sorted(final, key=lambda record: (record.offset, record.partition))
    assert judge(in_turns, final).total == 0
    assert judge([r for r in final if 5 <= r.offset < 30], final).total == 0
    assert judge([], final).total == 0


@pytest.mark.parametrize("rule", ["vanished", "skipped", "backwards", "disordered"])
def test_each_rule_catches_its_bug(rule: str) -> None:
    """Planted: a record of an aborted transaction, one that is passed over, one given twice, one answered too early."""
    final, seen = history(), history()
    planted = seen[20]
    if rule == "vanished":
        final.remove(planted)
    elif rule == "skipped":
        seen.remove(planted)
    elif rule == "backwards":
        seen.insert(25, planted)
    else:
        final[20] = planted._replace(submitted_ms=planted.submitted_ms + 30)
    broken = judge(seen, final)
    assert getattr(broken, rule) == 1
    assert broken.total == 1
    assert rule in broken.examples[0]
    assert planted.key.rsplit("-", 1)[0] in broken.examples[0]


def test_another_record_at_the_same_place_is_one_that_vanished() -> None:
    """A log that was cut and written on has a record at that offset, and not the one that was read."""
    final, seen = history(), history()
    final[20] = final[20]._replace(key="another")
    assert judge(seen, final).vanished == 1
