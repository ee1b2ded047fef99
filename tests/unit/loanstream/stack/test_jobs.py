"""Jobs in processes of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from loanstream.stack.home import Home
from loanstream.stack.jobs import JobFailed, run_job
from loanstream.stack.process import Processes


def test_a_job_runs_in_a_process_of_its_own_and_reports(home: Home, tmp_path: Path) -> None:
    """A job's answer and its progress come back from its process, which is gone afterwards."""
    told: list[tuple[str, float]] = []
    out = tmp_path / "tables"
    arguments = {"out": str(out), "clients_train": 50, "clients_test": 10, "seed": 1}
    processes = Processes(home)
    done = run_job(processes, "generate", arguments, {}, lambda note, part: told.append((note, part)))
    assert done["rows"]["application_train"] == 50
    assert told
    assert any(out.glob("application_test.*"))
    assert processes.records() == []


def test_a_job_s_error_is_raised_with_its_message(home: Home, tmp_path: Path) -> None:
    """What a job cannot do is raised here, in the job's own words."""
    arguments = {"out": str(tmp_path), "clients_train": 0, "clients_test": 0, "seed": 1}
    with pytest.raises(JobFailed, match="at least one client"):
        run_job(Processes(home), "generate", arguments, {}, lambda *_: None)
