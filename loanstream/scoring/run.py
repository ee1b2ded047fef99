"""A run from start to end: plan, history, the parts that lack, and what came of it."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from credit.errors import SettingsError
from credit.features import CATALOG
from credit.policy import Outcome
from loanstream.scoring.answers import finished, remove_unfinished
from loanstream.scoring.kept_history import keep_history
from loanstream.scoring.part_scorer import PartRunner, ScoringJob, score_here
from loanstream.scoring.plan import PART_ROWS, ScoringPlan, client_ids, plan_parts
from registered_model.manifest_file import read_manifest
from training.progress import StepProgress, no_progress
from training.settings import TrainingSettings

_PLAN, _HISTORY = ".plan.json", ".history"


@dataclass(frozen=True, slots=True)
class ScoredParts:
    """What was written: rows, how many of each outcome, parts made now and parts that were there, tables that lack."""

    rows: int
    outcomes: dict[str, int]
    made: int
    kept: int
    missing_tables: tuple[str, ...]


def score_parts(
    source: Path,
    out: Path,
    model: Path,
    *,
    reasons: bool = True,
    part_rows: int = PART_ROWS,
    run: PartRunner = score_here,
    settings: TrainingSettings | None = None,
    progress: StepProgress = no_progress,
) -> ScoredParts:
    """Write the answers to a Parquet file, or to all of a folder, into the folder `out`, one file a part.

    Rows stand in the input's order: files by name, rows as they lie. A run that was killed and is started again makes
    only what lacks. Where the parts are scored changes no byte. Memory: 8 bytes a client here, a chunk of clients
    while their history is aggregated, and a block of applications in each worker.

    Raises TableError, ModelRefused, or SettingsError where `out` holds answers to something else.
    """
    manifest = read_manifest(model, CATALOG.hash)
    progress("reading the applications' footers", 0.0)
    plan = plan_parts(source, f"{manifest.digest} {manifest.policy.digest}", reasons=reasons, part_rows=part_rows)
    _claim(out, plan)
    done = finished(out, plan.digest)
    kept = len(done)
    lacking = [part for part in plan.parts if part.number not in done]
    if lacking:
        history = out / _HISTORY
        remove_unfinished(out)
        for partial in out.glob(f"{_HISTORY}.*"):
            shutil.rmtree(partial, ignore_errors=True)
        keep_history(history, plan.tables, client_ids(plan), settings or TrainingSettings(), progress)
        job = ScoringJob(plan.folder.resolve(), out.resolve(), history.resolve(), plan.digest, reasons)
        progress("scoring", kept / len(plan.parts))
        for part in run(job, model, lacking):
            done[part.number] = part
            progress("scoring", len(done) / len(plan.parts))
        shutil.rmtree(history, ignore_errors=True)
    outcomes = {o.word: sum(part.outcomes[place] for part in done.values()) for place, o in enumerate(Outcome)}
    return ScoredParts(plan.rows, outcomes, len(done) - kept, kept, plan.tables.missing)


def _claim(out: Path, plan: ScoringPlan) -> None:
    """Make the folder this plan's, once; raises SettingsError where it is another's."""
    said = out / _PLAN
    if out.exists() and not out.is_dir():
        raise SettingsError(f"{out} is a file: give a folder, or a name that ends in .csv or .parquet")
    try:
        if json.loads(said.read_text())["digest"] != plan.digest:
            raise SettingsError(
                f"{out} holds answers to other applications, by another model or with other columns: "
                "give another folder, or remove it"
            )
    except FileNotFoundError:
        partial = out / f"{_PLAN}.part"
        if out.exists() and any(path != partial for path in out.iterdir()):
            raise SettingsError(f"{out} is not an empty folder: give another one") from None
        out.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps({"digest": plan.digest, "parts": len(plan.parts), "rows": plan.rows}) + "\n")
        partial.replace(said)
