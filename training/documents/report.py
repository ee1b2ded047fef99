"""`make train-report`: measure everything that docs/training.md claims, on the tables at hand, and write its tables."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from credit.errors import SettingsError
from training.data.apart import held_apart
from training.data.dataset import load_dataset
from training.documents.page import replace_sections, write_between_marks
from training.documents.sections import SECTIONS, Measuring
from training.progress import StepProgress, no_progress
from training.registry.registry import Registry
from training.settings import TrainingSettings


def chosen_sections(only: str | None) -> tuple[str, ...]:
    """Return the names in a text like "seeds,policy", in the page's order; all of them for None.

    Raises SettingsError for a name that no section has, and for a text without names.
    """
    if only is None:
        return tuple(SECTIONS)
    asked = [name.strip() for name in only.split(",") if name.strip()]
    known = ", ".join(SECTIONS)
    if not asked:
        raise SettingsError(f"--only names no section; there are {known}")
    for name in asked:
        if name not in SECTIONS:
            raise SettingsError(f"the report has no section {name!r}; there are {known}")
    return tuple(name for name in SECTIONS if name in asked)


def write_report(
    data: Path,
    out: Path,
    *,
    settings: TrainingSettings | None = None,
    seed: int = 0,
    tracking_uri: str | None = None,
    trials: int = 15,
    study: Path | None = None,
    only: str | None = None,
    progress: StepProgress = no_progress,
) -> Path:
    """Measure on the tables in `data` and write the tables between the two marks of the Markdown file `out`.

    A file without marks, or none, is given them at its end. tracking_uri: logs the comparison as a parent run with
    nested ones; study: an SQLite file from which an interrupted tuning goes on; only: names of sections, with commas
    between them, that are made anew while the rest of the page stays. Nothing is written before all is measured.
    Raises SettingsError for an unknown section before anything is read.
    """
    names = chosen_sections(only)
    settings = settings or TrainingSettings()
    start = time.perf_counter()
    everything = load_dataset(data, settings, progress)
    held = held_apart(everything.client_ids)
    dataset, apart = everything.rows(~held), everything.rows(held)
    registry = Registry(tracking_uri) if tracking_uri else None
    measuring = Measuring(dataset, apart, settings, seed, trials, study, registry, progress)
    _ = measuring.fitted  # every section needs the champion, whose time is told apart
    trained_s = time.perf_counter() - start
    made = {SECTIONS[name].title: SECTIONS[name].blocks(measuring) for name in names}
    rows = (
        f"on {len(dataset.y):,} labelled applications ({dataset.y.mean():.2%} defaults, "
        f"{dataset.has_history.mean():.1%} with history) and {len(dataset.unlabelled):,} unlabelled ones, in "
        f"{_minutes(start)} minutes, of which training the champion took {trained_s / 60:.1f}"
    )
    if only is not None:
        note = f"This section was made anew by `--only {','.join(names)}`, {rows}."
        texts = {title: "\n\n".join([*blocks, note]) for title, blocks in made.items()}
        replace_sections(out, texts, [section.title for section in SECTIONS.values()])
        return out
    intro = (
        f"Measured {rows}. All figures are out of fold, with features chosen on each fold's training rows; "
        "± is half the 95 % t interval over the folds. The rows held apart are in none of these figures but where "
        "it is said."
    )
    sections = [_section(title, blocks) for title, blocks in made.items()]
    write_between_marks(out, "\n\n".join([intro, *sections]))
    return out


def _minutes(start: float) -> str:
    return f"{(time.perf_counter() - start) / 60:.1f}"


def _section(title: str, blocks: Sequence[str]) -> str:
    return "\n\n".join([f"### {title}", *blocks])
