"""Processes of a home: started in sessions of their own, ended with all they started, others left alone."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from credit.errors import StackError
from loanstream.stack.home import Home
from loanstream.stack.process import AFTER_DECIDING, MARK, Processes, ProcessSpec

FOREVER = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True)\nwhile True: signal.pause()",
]
# A parent whose child wipes its own environment, as Ray's workers do, and outlives it.
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys, signal;"
    "child = \"print('child', flush=True); import signal; signal.pause()\";"
    "c = subprocess.Popen([sys.executable, '-c', child], env={});"
    "print('up', flush=True); signal.pause()",
]


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    home = Home.at(tmp_path / "home")
    home.prepare()
    yield home
    Processes(home).stop_all()
    home.short_dir.rmdir()


def started(processes: Processes, spec: ProcessSpec, words: tuple[str, ...] = ("up",)) -> int:
    """Start a process and return its pid once its log has all the words."""
    child = processes.start(spec)
    log = processes.log(spec.name)
    processes.wait_until(lambda: all(word in log.read_text() for word in words), spec.name, "its word", 20)
    return child.pid


def test_a_started_process_is_found_and_stopped_by_another_command(home: Home) -> None:
    """The record in run/ is enough for a later command to see a process alive and to end it."""
    pid = started(Processes(home), ProcessSpec("part", FOREVER))
    other = Processes(home)
    assert other.alive("part")
    assert psutil.Process(pid).environ()[MARK] == home.key
    assert other.stop_all() == 1
    assert not other.alive("part")
    assert other.records() == []


def test_a_process_that_ignores_sigterm_is_killed(home: Home) -> None:
    """After its grace a process is killed."""
    processes = Processes(home)
    pid = started(processes, ProcessSpec("part", STUBBORN, grace_s=0.2))
    processes.stop("part")
    assert not psutil.pid_exists(pid)


def test_the_children_of_a_killed_parent_are_found_without_their_mark(home: Home) -> None:
    """A child that outlives its killed parent, and whose environment is gone, is ended with the stack."""
    processes = Processes(home)
    pid = started(processes, ProcessSpec("part", PARENT), words=("up", "child"))
    (child,) = psutil.Process(pid).children()
    os.kill(pid, signal.SIGKILL)
    psutil.Process(pid).wait(10)
    assert [process.pid for process in processes.all()] == [child.pid]
    processes.stop_all()
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_a_recycled_pid_is_left_alone(home: Home) -> None:
    """A record whose pid now belongs to a process of another start time is not ours: it is not touched."""
    with subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"], start_new_session=True) as stranger:
        try:
            record = {"name": "part", "pid": stranger.pid, "started": 1.0e9, "grace_s": 1.0, "order": 1}
            (home.run / "part.process.json").write_text(json.dumps(record))
            processes = Processes(home)
            assert not processes.alive("part")
            assert processes.stop_all() == 0
            assert stranger.poll() is None
            assert processes.records() == []
        finally:
            stranger.kill()


def test_one_home_leaves_another_alone(home: Home, tmp_path: Path) -> None:
    """Stopping all of one home ends nothing of another."""
    other_home = Home.at(tmp_path / "other")
    other_home.prepare()
    other = Processes(other_home)
    try:
        pid = started(other, ProcessSpec("part", FOREVER))
        started(Processes(home), ProcessSpec("part", FOREVER))
        Processes(home).stop_all()
        assert psutil.pid_exists(pid)
        assert other.alive("part")
    finally:
        other.stop_all()
        other_home.short_dir.rmdir()


def test_processes_stop_in_reverse_order(home: Home) -> None:
    """What was started last is stopped first, and what all lean on last."""
    processes = Processes(home)
    started(processes, ProcessSpec("first", FOREVER))
    started(processes, ProcessSpec("second", FOREVER))
    base = started(processes, ProcessSpec("base", FOREVER))
    processes.adopt("base", base, grace_s=5, order=0)
    stopped: list[str] = []
    processes.stop_all(stopped.append)
    assert stopped == ["second", "first", "base"]


def test_a_process_that_dies_early_is_reported_with_its_last_words(home: Home) -> None:
    """Waiting for a process that ended raises at once, with the last line of its log and the log's path."""
    processes = Processes(home)
    processes.start(ProcessSpec("part", [sys.executable, "-c", "print('no such table'); raise SystemExit(3)"]))
    with pytest.raises(StackError, match="no such table") as caught:
        processes.wait_until(lambda: False, "part", "answering", 20)
    assert str(home.log("part")) in str(caught.value)


def test_a_record_is_whole_whoever_looks_meanwhile(home: Home) -> None:
    """Steps that start side by side look through each other's records: none is lost to a look at half of it."""
    processes, ended = Processes(home), threading.Event()

    def look() -> None:
        while not ended.is_set():
            processes.records()

    child = processes.start(ProcessSpec("ours", FOREVER))
    looking = threading.Thread(target=look)
    looking.start()
    try:
        for number in range(500):
            processes.adopt("ours", child.pid, grace_s=float(number))
            assert processes.alive("ours")
    finally:
        ended.set()
        looking.join()


def test_a_half_written_record_is_forgotten(home: Home) -> None:
    """A record cut off by a crash is removed instead of stopping every later command."""
    (home.run / "part.process.json").write_text('{"name": "part", "pi')
    assert Processes(home).records() == []
    assert not (home.run / "part.process.json").exists()


def test_what_follows_decisions_stands_back_with_all_that_it_starts(home: Home) -> None:
    """The kernel gives less of a busy core to a process that is asked to stand back, and to its children."""
    processes = Processes(home)
    pid = started(processes, ProcessSpec("behind", PARENT, nice=AFTER_DECIDING), ("up", "child"))
    (child,) = psutil.Process(pid).children()
    assert [psutil.Process(pid).nice(), child.nice()] == [AFTER_DECIDING, AFTER_DECIDING]
    group = Path(f"/proc/{child.pid}/autogroup")
    if group.exists():  # where the kernel groups by session, the group's own priority is what counts
        assert group.read_text().split()[-1] == str(AFTER_DECIDING)
