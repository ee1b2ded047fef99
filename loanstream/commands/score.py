"""`score`: a whole file of applications, decided at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanstream.commands.context import context_of


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(rich_help_panel="Model")(score)


def score(
    ctx: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(help="Applications, CSV or Parquet, or a folder of Parquet; history tables beside it are read."),
    ],
    out: Annotated[Path, typer.Option(help="Where to write the answers: .csv, .parquet, or a folder, part by part.")],
    model: Annotated[str, typer.Option(help="Version number or alias of the model.")] = "champion",
    reasons: Annotated[bool, typer.Option(help="Also write each client's principal reasons.")] = True,
) -> None:
    """Write probability of default, outcome and reasons of every client in a file of applications.

    Where RAY_ADDRESS is set, the cluster's workers decide Parquet in parts. A folder as --out takes more than memory
    holds; started again after it was killed, it makes only the parts that lack.
    """
    from rich.console import Console

    from loanstream.local_graph import MODEL
    from loanstream.score_file import ScoredFile, score_file
    from loanstream.scoring.part_scorer import score_here
    from loanstream.scoring.ray_data import on_ray
    from loanstream.scoring.run import score_parts
    from loanstream.stack.surroundings import Place
    from loanstream.terminal.progress import progress_line
    from training.registry.registry import Registry

    place = Place.of(context_of(ctx).home)
    artifacts = place.home.artifacts if place.around.tracking_uri is None else None
    address = place.around.ray_address
    run = on_ray(address, place.around.batch_workers) if address else None
    console = Console()
    with progress_line(console) as report:
        report("fetching the model", 0.0)
        folder = Registry(place.tracking_uri, artifacts).download(MODEL, model)
        if not out.suffix:
            parts = score_parts(file, out, folder, reasons=reasons, run=run or score_here, progress=report)
            done = ScoredFile(parts.rows, parts.outcomes, parts.missing_tables, None)
        else:
            parts, done = None, score_file(file, out, folder, reasons=reasons, run=run, progress=report)
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in done.outcomes.items())
    console.print(f"{done.rows:,} clients in {out}: {counts}", highlight=False, soft_wrap=True)
    if parts is not None and parts.kept:
        console.print(f"{parts.kept:,} of its {parts.kept + parts.made:,} parts were there already", highlight=False)
    if done.missing_tables:
        console.print(f"without {', '.join(done.missing_tables)}: not beside {file}", style="yellow", soft_wrap=True)
    if done.measures is not None:
        measured = done.measures
        console.print(
            f"against the labels in the file: AUC {measured.auc:.4f}, cost per client {measured.cost:.4f}",
            highlight=False,
        )
