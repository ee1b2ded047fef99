"""Aggregate tables of the published size out of core: `make bench-history`.

The tables are generated (the real ones may not be passed on) with 307,511 + 48,744 clients, about as many rows as the
published ones or more, and then written as every client's history vector into an LMDB store.
Prints seconds, CPU seconds and peak memory of each step, and rows by table.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from feature_store.lmdb import LmdbFeatureWriter
from training.data.generation.generate import generate
from training.settings import TrainingSettings
from training.store.materialize import materialize

TRAIN, TEST = 307_511, 48_744


def peak_gb() -> float:
    """Return the most memory that this process ever held, in GB of 10^9 bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9


def main() -> None:
    """Generate unless the folder has tables, aggregate, and print what it took."""
    from rich.console import Console
    from rich.table import Table

    from loanstream.terminal.progress import progress_line

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tables", type=Path, help="folder of the tables; generated there if it has none")
    parser.add_argument("--train", type=int, default=TRAIN, help="labelled clients to generate")
    parser.add_argument("--test", type=int, default=TEST, help="unlabelled clients to generate")
    parser.add_argument("--memory-gb", type=float, default=4.0, help="memory of DuckDB before it spills")
    args = parser.parse_args()
    console = Console()
    with tempfile.TemporaryDirectory(prefix="loanstream-history-") as scratch:
        folder = args.tables or Path(scratch) / "tables"
        table = Table("step", "seconds", "CPU seconds", "peak GB", box=None, padding=(0, 2))
        for name in ("generate", "aggregate and store"):
            wall, cpu = time.perf_counter(), time.process_time()
            with progress_line(console) as report:
                if name == "generate":
                    if (folder / "application_train.parquet").is_file():
                        continue
                    folder.mkdir(parents=True, exist_ok=True)
                    generate(folder, args.train, args.test, seed=0, progress=report)
                else:
                    settings = TrainingSettings(memory_gb=args.memory_gb)
                    store = LmdbFeatureWriter(Path(scratch) / "store")
                    done = materialize(folder, store, progress=report, settings=settings)
            spent = time.perf_counter() - wall, time.process_time() - cpu
            table.add_row(name, f"{spent[0]:.0f}", f"{spent[1]:.0f}", f"{peak_gb():.2f}")
        console.print(table)
        console.print(f"{done.meta.clients:,} clients with history; {_rows(folder)}", highlight=False)


def _rows(folder: Path) -> str:
    import pyarrow.parquet as pq

    counts = {path.stem: pq.read_metadata(path).num_rows for path in sorted(folder.glob("*.parquet"))}
    return ", ".join(f"{name} {count:,}" for name, count in counts.items())


if __name__ == "__main__":
    main()
