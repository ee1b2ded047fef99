"""Work that ends, in a process of its own, telling how far it is: `python -m loanstream.stack.jobs NAME ARGUMENTS`.

A process rather than a thread: the terminal stays alive beside LightGBM and DuckDB, and Ctrl-C can end it. The child
writes one JSON line for each progress report, and last one with its result or its error.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from credit.errors import LoanstreamError, PermanentError, StackError
from loanstream.stack.process import Processes, ProcessSpec

Report = Callable[[str, float], None]


class JobFailed(PermanentError):
    """A job of the stack could not be done: its message is the job's own."""


def run_job(
    processes: Processes, name: str, arguments: dict[str, Any], env: dict[str, str], report: Report
) -> dict[str, Any]:
    """Run a job to its end and return what it answered; its error is raised here with the same message."""
    child = processes.start(_spec(name, arguments, env), stdout=subprocess.PIPE)
    assert child.stdout is not None
    result: dict[str, Any] | None = None
    try:
        for line in child.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                continue  # a library that prints: its words are not ours
            if "error" in message:
                raise JobFailed(message["error"])
            if "result" in message:
                result = message["result"]
            else:
                report(message["note"], message["fraction"])
        if child.wait() or result is None:
            raise StackError(f"{name} ended with code {child.returncode}; its log is {processes.log(name)}")
        return result
    finally:
        processes.stop(name)


def start_job(processes: Processes, name: str, arguments: dict[str, Any], env: dict[str, str]) -> None:
    """Start a job that nobody waits for; what it says goes to its log."""
    processes.start(_spec(name, arguments, env))


def _spec(name: str, arguments: dict[str, Any], env: dict[str, str]) -> ProcessSpec:
    return ProcessSpec(name, [sys.executable, "-m", "loanstream.stack.jobs", name, json.dumps(arguments)], env=env)


def _report(note: str, fraction: float) -> None:
    sys.stdout.write(json.dumps({"note": note, "fraction": round(fraction, 3)}) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Do the job that the command line names."""
    from loanstream.stack.job_list import JOBS

    name, arguments = sys.argv[1], json.loads(sys.argv[2])
    try:
        result = JOBS[name](arguments, _report)
    except LoanstreamError as error:
        sys.stdout.write(json.dumps({"error": str(error)}) + "\n")
        return 1
    sys.stdout.write(json.dumps({"result": result}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
