"""Scoring on a Ray cluster: the bytes of one machine, also where a worker is killed."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from credit.errors import TableError
from loanstream.scoring.answers import PartDone
from loanstream.scoring.part_scorer import ScoringJob
from loanstream.scoring.plan import FilePart
from loanstream.scoring.ray_data import on_ray
from loanstream.scoring.run import score_parts
from tests.fixtures.score_input import ScoreInput, make_score_input

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> ScoreInput:
    """Applications, history and a model."""
    return make_score_input(tmp_path_factory.mktemp("score-input"))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A Ray of two CPUs, joined as a cluster is."""
    import ray

    context = ray.init(
        address="local", num_cpus=2, include_dashboard=False, logging_level="ERROR", object_store_memory=100 * 1024**2
    )
    yield context.address_info["gcs_address"]
    ray.shutdown()


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def here(given: ScoreInput, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files that this process writes."""
    out = tmp_path_factory.mktemp("here") / "out"
    score_parts(given.file, out, given.model, part_rows=64)
    return everything(out)


def test_ray_and_one_machine_answer_alike_to_the_byte(
    address: str, given: ScoreInput, here: dict[str, bytes], tmp_path: Path
) -> None:
    """Part by part, and the plan beside them: no byte tells who decided."""
    done = score_parts(given.file, tmp_path / "there", given.model, part_rows=64, run=on_ray(address))
    assert (done.rows, done.made, done.kept) == (400, 7, 0)
    assert everything(tmp_path / "there") == here
    assert len(here) == 8


def test_a_killed_worker_costs_its_part_alone(
    address: str, given: ScoreInput, here: dict[str, bytes], tmp_path: Path
) -> None:
    """SIGKILL of an actor: another one takes its part, and the bytes are the same."""
    killed = threading.Event()

    def kill_one() -> None:
        until = time.monotonic() + 60
        while not killed.is_set() and time.monotonic() < until:
            for process in psutil.process_iter(["cmdline"]):
                mine = any(parent.pid == raylet for parent in process.parents())
                if mine and "MapWorker" in " ".join(process.info["cmdline"] or []):
                    os.kill(process.pid, signal.SIGKILL)
                    killed.set()
                    return
            time.sleep(0.02)

    raylet = next(p.pid for p in psutil.Process().children(recursive=True) if p.name() == "raylet")
    killer = threading.Thread(target=kill_one)
    killer.start()
    score_parts(given.file, tmp_path / "there", given.model, part_rows=64, run=on_ray(address))
    killer.join()
    assert killed.is_set()
    assert everything(tmp_path / "there") == here


def test_an_error_of_a_worker_is_ours(address: str, given: ScoreInput, tmp_path: Path) -> None:
    """A file that goes away while it is read fails with the line it has on one machine, and leaves no half part."""
    lost = tmp_path / "data" / given.file.name
    lost.parent.mkdir()
    lost.write_bytes(given.file.read_bytes())

    def losing(job: ScoringJob, model: Path, parts: Sequence[FilePart]) -> Iterator[PartDone]:
        lost.unlink()
        return on_ray(address)(job, model, parts)

    with pytest.raises(TableError, match="cannot be read"):
        score_parts(lost, tmp_path / "out", given.model, part_rows=64, run=losing)
    assert list((tmp_path / "out").glob("*part-*")) == []
