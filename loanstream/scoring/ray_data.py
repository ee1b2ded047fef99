"""Ray Data's edge: parts are the rows of a dataset, and actors that hold the model decide them.

What goes through Ray is a part's number and its counts: each actor reads its rows from shared storage and writes its
answers there, so the object store holds no application, and a part is done once its file is there.
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from credit import errors
from credit.errors import DependencyUnavailable, LoanstreamError
from loanstream.scoring.answers import PartDone
from loanstream.scoring.part_scorer import PartRunner, PartScorer, ScoringJob
from loanstream.scoring.plan import FilePart


class PartActor:
    """A worker on some node: loads the model at its first part, then scores the parts that come.

    What it raises of ours goes back as a row: an exception of an actor reaches the driver only as text.
    """

    def __init__(self, job: ScoringJob, model: Sequence[Any], parts: Sequence[FilePart]) -> None:
        self._job, self._model = job, model
        self._parts = {part.number: part for part in parts}
        self._scorer: PartScorer | None = None

    def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
        (number,) = batch["part"]
        try:
            done = self._loaded().score(self._parts[int(number)])
        except LoanstreamError as error:
            return {"part": [number], "rows": [0], "outcomes": [[0]], "error": [f"{type(error).__name__} {error}"]}
        return {"part": [number], "rows": [done.rows], "outcomes": [list(done.outcomes)], "error": [""]}

    def _loaded(self) -> PartScorer:
        if self._scorer is None:
            import ray

            files: Mapping[str, bytes] = ray.get(self._model[0])
            with tempfile.TemporaryDirectory(prefix="loanstream-model-") as folder:
                for name, content in files.items():
                    path = Path(folder) / name
                    path.parent.mkdir(parents=True, exist_ok=True)
                    path.write_bytes(content)
                self._scorer = PartScorer(Path(folder), self._job)
        return self._scorer


def on_ray(address: str, workers: int = 0) -> PartRunner:
    """Return what scores parts on the Ray cluster at an address.

    workers: most actors, each with a CPU of its own; 0 takes as many as the cluster has CPUs. Where others hold some of
    them, fewer actors run. Raises DependencyUnavailable where the cluster does not answer or loses its actors.
    """

    def run(job: ScoringJob, model: Path, parts: Sequence[FilePart]) -> Iterator[PartDone]:
        import ray

        mine = not ray.is_initialized()
        if mine:
            _join(address)
        try:
            yield from _done(job, model, parts, workers)
        finally:
            if mine:
                ray.shutdown()

    return run


def _join(address: str) -> None:
    import ray

    try:
        ray.init(address=address, logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise DependencyUnavailable(f"Ray at {address} does not answer: {_line(error)}") from None


def _done(job: ScoringJob, model: Path, parts: Sequence[FilePart], workers: int) -> Iterator[PartDone]:
    import ray.data
    from ray.exceptions import RayError

    logging.getLogger("ray.data").setLevel(logging.ERROR)
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    most = max(1, min(len(parts), workers or int(ray.cluster_resources().get("CPU", 1))))
    # By reference in a list, as which Ray leaves it alone: each actor fetches it, once a node.
    packed = [ray.put({str(path.relative_to(model)): path.read_bytes() for path in model.rglob("*") if path.is_file()})]
    numbers = [{"part": part.number} for part in parts]
    scored = ray.data.from_items(numbers, override_num_blocks=len(numbers)).map_batches(
        PartActor,
        fn_constructor_args=(job, packed, list(parts)),
        batch_size=1,
        # An actor that is lost is started again, elsewhere where its node is gone, with the part it had.
        compute=ray.data.ActorPoolStrategy(min_size=1, max_size=most, initial_size=most),
        num_cpus=1,
    )
    try:
        for row in scored.iter_rows():
            if row["error"]:
                raise error_of(row["error"])
            yield PartDone(int(row["part"]), int(row["rows"]), tuple(int(count) for count in row["outcomes"]))
    except RayError as error:
        raise DependencyUnavailable(f"Ray could not score all parts, start again to go on: {_line(error)}") from None


def error_of(told: str) -> LoanstreamError:
    """Return the error that a worker told of: its class's name and its line."""
    name, line = told.split(" ", 1)
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, LoanstreamError)):
        kind = LoanstreamError
    try:
        error: LoanstreamError = kind(line)
    except TypeError:  # one that is made of more than a line
        error = LoanstreamError(line)
    return error


def _line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[-1][:300]
