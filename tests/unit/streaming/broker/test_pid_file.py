"""A process that is remembered."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from streaming.broker.pid_file import PidFile


def test_a_process_is_found_again_until_it_ends(tmp_path: Path) -> None:
    """By another run, too; ended but not reaped is ended."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        PidFile(tmp_path / "pid").write(child.pid)
        found = PidFile(tmp_path / "pid").process()
        assert found is not None
        assert found.pid == child.pid
    finally:
        child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert PidFile(tmp_path / "pid").process() is None
    child.communicate()
    assert PidFile(tmp_path / "pid").process() is None


@pytest.mark.parametrize("text", ["", "12", "x y", "{pid} 1.0"])
def test_what_names_no_process_or_somebody_else_is_none(tmp_path: Path, text: str) -> None:
    """A broken file, and the number of a process that began at another time."""
    file = PidFile(tmp_path / "pid")
    assert file.process() is None
    (tmp_path / "pid").write_text(text.format(pid=os.getpid()))
    assert file.process() is None
    file.remove()
    file.remove()
    assert not (tmp_path / "pid").exists()
