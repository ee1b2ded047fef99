"""Who started a stack."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from loanstream.stack.owner import Owner, clear_owner, read_owner, write_owner


def test_an_owner_is_read_back_until_it_is_cleared(tmp_path: Path) -> None:
    """What was written is read, and nothing is left after it was cleared."""
    assert read_owner(tmp_path) is None
    write_owner(tmp_path, Owner.this("up"))
    assert read_owner(tmp_path) == Owner.this("up")
    clear_owner(tmp_path)
    assert read_owner(tmp_path) is None


def test_another_process_with_the_same_pid_is_not_the_owner() -> None:
    """A pid that was given again belongs to a process of another start time."""
    mine = Owner.this("demo")
    assert mine.lives
    assert not replace(mine, started=mine.started - 1000).lives


def test_a_record_cut_short_is_nobody(tmp_path: Path) -> None:
    """A crash while the record was written leaves a stack without an owner, not an error."""
    (tmp_path / "owner.json").write_text('{"kind": "up"')
    assert read_owner(tmp_path) is None
