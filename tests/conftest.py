"""What all tests share: unit tests cannot start Ray, examples have no deadline, real tables are named by a variable."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

# How long an example takes is the machine's mood, and never what a test claims.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

UNIT = Path(__file__).parent / "unit"
# Rooms of integration tests that need no running stack: half of the time of all.
_WITHOUT_A_STACK = {"deploy", "feature_store", "streaming", "training"}
_RAY_PROGRAMS = {"gcs_server", "raylet", "ray"}
_forbidding = False


def _forbid_ray(event: str, args: tuple[Any, ...]) -> None:
    # An audit hook sees every way of starting Ray and costs no import of it; it cannot be removed, hence the flag.
    if not _forbidding or event != "subprocess.Popen":
        return
    command = args[1] if isinstance(args[1], (list, tuple)) else [args[1]]
    if {Path(os.fsdecode(part)).name for part in command[:2]} & _RAY_PROGRAMS:
        raise RuntimeError("a unit test may not start Ray; mark it integration and move it to tests/integration")


sys.addaudithook(_forbid_ray)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Where tests run side by side, those that share a broker or a stack go to one process; two share the work."""
    from xdist.scheduler import LoadScopeScheduling

    class ByKind(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith("tests/integration/"):
                room = nodeid.split("/")[2]
                return "integration with a broker" if room in _WITHOUT_A_STACK else "integration with a stack"
            return nodeid.split("::", maxsplit=1)[0]

    return ByKind(config, log)


@pytest.fixture(autouse=True)
def _no_ray_in_unit_tests(request: pytest.FixtureRequest) -> Iterator[None]:
    global _forbidding  # noqa: PLW0603 - the hook outlives any object
    _forbidding = UNIT in request.path.parents
    yield
    _forbidding = False


@pytest.fixture(scope="session")
def home_credit() -> Path:
    """The folder of real Home Credit tables, named by LOANSTREAM_DATA; tests that need it skip without it."""
    folder = os.environ.get("LOANSTREAM_DATA")
    if not folder:
        pytest.skip("LOANSTREAM_DATA names no folder with Home Credit's tables")
    path = Path(folder)
    if not path.is_dir():
        pytest.skip(f"LOANSTREAM_DATA is {folder}, which is no folder")
    return path
