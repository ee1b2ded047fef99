"""Scoring a folder of applications part by part, in one process and by Ray Data's actors: `make bench-batch`.

Applications are drawn at the time into a folder of Parquet that goes with the benchmark. A process scores the first of
them, as `loanstream score` does on one machine; as many processes as there are cores score them side by side; then Ray
Data scores all. A rate is that of the whole run, from the plan to the last part, a core being one process or one CPU
of Ray's. Memory is that of all processes of a run together, shared pages counted once, Ray's own among them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import tempfile
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import psutil

from benchmarks.decided import make_model
from benchmarks.ending import all_ended
from benchmarks.processes import UsageOver

FILE_ROWS, GROUP_ROWS, CHUNK = 524_288, 65_536, 16_384
LOOK_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class BatchRun:
    """One way of scoring: applications a second and core, CPU of all processes an application, most memory held."""

    way: str
    applications: int
    cores: int
    seconds: float
    rate_a_core: float
    cpu_us: float
    peak_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batch", description=__doc__)
    parser.add_argument("--applications", type=int, default=1_000_000)
    parser.add_argument(
        "--local", type=int, default=524_288, help="how many of them one process scores, in whole files"
    )
    parser.add_argument("--trees", type=int, default=900)
    parser.add_argument("--model", type=Path, help="folder of a registered model; trained on synthetic tables without")
    parser.add_argument("--cores", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    options = parser.parse_args()
    with all_ended() as ending:
        home = Path(tempfile.mkdtemp(prefix="bench-batch-"))
        ending.callback(shutil.rmtree, home, ignore_errors=True)
        model = options.model or make_model(home, options.trees)[1]
        begun = time.perf_counter()
        files = make_applications(home / "all", options.applications, options.cores)
        size = sum(file.stat().st_size for file in files) / 1e6
        made = time.perf_counter() - begun
        print(f"{options.applications:,} applications made in {made:.0f} s, {size:,.0f} MB of Parquet", flush=True)
        first = files[: max(1, round(options.local / FILE_ROWS))]
        runs = [one_process(home, first, model)]
        _show(runs[-1])
        runs.append(side_by_side(home, first, model, options.cores))
        _show(runs[-1])
        runs.append(by_ray(home, options.applications, model, options.cores))
        _show(runs[-1])
        same = alike(home / "one", home / "ray")
        alone, beside, ray = (run.rate_a_core for run in runs)
        print(
            f"Ray Data's rate a core: {ray / alone:.2f} of one process alone, {ray / beside:.2f} of one on each core; "
            f"{same:,} answers of both compared: the same"
        )
        if options.json:
            figures = {"runs": [asdict(run) for run in runs], "made_s": made, "input_mb": size, "compared": same}
            options.json.write_text(json.dumps(figures, indent=2) + "\n")


def make_applications(folder: Path, count: int, processes: int) -> list[Path]:
    """Draw `count` clients' applications into Parquet files, whose names are in the order of the ids."""
    folder.mkdir(parents=True)
    starts = range(0, count, FILE_ROWS)
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return list(pool.map(_make_file, [(folder, at, min(at + FILE_ROWS, count)) for at in starts]))


def _make_file(what: tuple[Path, int, int]) -> Path:
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    from credit.schema import CLIENT_ID
    from training.data.generation.applications import draw_clients
    from training.data.generation.writer import as_table

    folder, start, stop = what
    file = folder / f"applications-{start // FILE_ROWS:05d}.parquet"
    writer: Any = None
    for group in range(start, stop, GROUP_ROWS):
        tables = []
        for at in range(group, min(group + GROUP_ROWS, stop), CHUNK):
            ids = 100_001 + np.arange(at, min(at + CHUNK, group + GROUP_ROWS, stop))
            drawn = draw_clients(np.random.default_rng([0, at]), ids)
            tables.append(as_table({CLIENT_ID: drawn.ids, **drawn.columns}))
        whole = pa.concat_tables(tables)
        writer = writer or pq.ParquetWriter(file, whole.schema, compression="zstd")
        writer.write_table(whole, row_group_size=GROUP_ROWS)
    writer.close()
    return file


def one_process(home: Path, files: list[Path], model: Path) -> BatchRun:
    """Score files in a process of their own."""
    return _measured("one process", 1, home / "one", [files], model)


def side_by_side(home: Path, files: list[Path], model: Path, cores: int) -> BatchRun:
    """Score the same files in each of several processes at once: what a core gives where the others work too."""
    return _measured("one process on each core", cores, home / "each", [files] * cores, model)


def _measured(way: str, cores: int, out: Path, shares: list[list[Path]], model: Path) -> BatchRun:
    context = get_context("spawn")
    started, running = time.perf_counter(), []
    for place, share in enumerate(shares):
        source = out.with_name(f"{out.name}-{place}-source")
        source.mkdir()
        for file in share:
            (source / file.name).symlink_to(file)
        into = out if place == 0 else out.with_name(f"{out.name}-{place}")
        running.append(context.Process(target=_score, args=(source, into, model)))
        running[-1].start()
    watch = UsageWatch([one.pid or 0 for one in running])
    for one in running:
        one.join()
    seconds = time.perf_counter() - started
    if any(one.exitcode for one in running):
        raise RuntimeError("a process that scored failed; see above")
    return _run(way, cores, _answers(out) * len(shares), seconds, watch)


def _score(source: Path, out: Path, model: Path) -> None:
    from loanstream.scoring.run import score_parts

    score_parts(source, out, model)


def by_ray(home: Path, applications: int, model: Path, cores: int) -> BatchRun:
    """Score all files by a Ray of this benchmark, its start not counted, since a cluster is there."""
    import ray

    from loanstream.scoring.ray_data import on_ray
    from loanstream.scoring.run import score_parts

    context = ray.init(
        address="local",
        num_cpus=cores,
        include_dashboard=False,
        object_store_memory=200 * 1024**2,
        log_to_driver=False,
        logging_level="ERROR",
        _temp_dir=str(home / "r"),
    )
    try:
        watch = UsageWatch([os.getpid()])
        begun = time.perf_counter()
        run = on_ray(context.address_info["gcs_address"])
        done = score_parts(home / "all", home / "ray", model, run=run)
        seconds = time.perf_counter() - begun
        assert done.rows == applications
        return _run("Ray Data", cores, done.rows, seconds, watch)
    finally:
        ray.shutdown()


class UsageWatch:
    """Looks at processes and all that they start until it is asked what they used."""

    def __init__(self, roots: list[int]) -> None:
        self._roots = [psutil.Process(root) for root in roots]
        self._usage = UsageOver(self._listed)
        self._peak = 0
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)
        self._looking.start()

    def _listed(self) -> list[psutil.Process]:
        found = []
        for root in self._roots:
            if root.is_running() and root.status() != psutil.STATUS_ZOMBIE:
                found += [root, *root.children(recursive=True)]
        return found

    def _look(self) -> None:
        while not self._over.wait(LOOK_EVERY_S):
            self._usage.look()
            self._peak = max(self._peak, sum(one.memory for one in self._usage.by_role().values()))

    def over(self) -> tuple[float, int]:
        """Return the seconds of CPU used since the beginning, and the most bytes held at one look."""
        self._over.set()
        self._looking.join()
        return sum(one.cpu_s for one in self._usage.by_role().values()), self._peak


def _run(way: str, cores: int, applications: int, seconds: float, watch: UsageWatch) -> BatchRun:
    cpu, peak = watch.over()
    return BatchRun(
        way, applications, cores, seconds, applications / seconds / cores, 1e6 * cpu / applications, peak / 1e6
    )


def _answers(folder: Path) -> int:
    import pyarrow.parquet as pq

    return sum(pq.read_metadata(path).num_rows for path in folder.glob("part-*.parquet"))


def alike(some: Path, all_of_them: Path) -> int:
    """Return how many answers two folders share, which must be the same in each part that both have."""
    import pyarrow.parquet as pq

    compared = 0
    for path in sorted(some.glob("part-*.parquet")):
        one, other = (pq.read_table(folder / path.name).replace_schema_metadata(None) for folder in (some, all_of_them))
        if one != other:
            raise RuntimeError(f"{path.name} differs between the two ways of scoring")
        compared += one.num_rows
    return compared


def _show(run: BatchRun) -> None:
    print(
        f"{run.way}: {run.applications:,} in {run.seconds:.0f} s, {run.rate_a_core:,.0f} a second and core, "
        f"{run.cpu_us:.0f} us of CPU an application, {run.peak_mb:,.0f} MB at most",
        flush=True,
    )


if __name__ == "__main__":
    main()
