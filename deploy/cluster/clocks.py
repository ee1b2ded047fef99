"""A wrong time of day for the programs of one host: no kernel gives a namespace one of its own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from credit.errors import StackError
from deploy.project import PROJECT

_FOR_PYTHON = PROJECT / "deploy/cluster/clock"


def wrong_clock(offset_s: float, command: Sequence[str]) -> dict[str, str]:
    """Return the variables under which a program's clock is ahead by so many seconds; none where it is right.

    A Java program's by libfaketime, a StackError where that is not installed; another one's as far as it is Python.
    """
    if not offset_s:
        return {}
    if Path(command[0]).name != "java":
        return {"PYTHONPATH": str(_FOR_PYTHON), "LOANSTREAM_CLOCK_OFFSET_S": str(offset_s)}
    libraries = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
    if not libraries:
        raise StackError("a broker's clock cannot be wrong here: install libfaketime")
    # The clock that only measures spans is moved by as much, once. Left as it is, every timed wait ends at once.
    return {"LD_PRELOAD": str(libraries[0]), "FAKETIME": f"{offset_s:+.0f}", "FAKETIME_DONT_RESET": "1"}
