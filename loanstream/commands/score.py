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
    file: Annotated[Path, typer.Argument(help="Applications, CSV or parquet; history tables beside it are read.")],
    out: Annotated[Path, typer.Option(help="Where to write the answers: .csv or .parquet.", dir_okay=False)],
    model: Annotated[str, typer.Option(help="Version number or alias of the model.")] = "champion",
    reasons: Annotated[bool, typer.Option(help="Also write each client's principal reasons.")] = True,
) -> None:
    """Write probability of default, outcome and reasons of every client in a file of applications."""
    from rich.console import Console

    from loanstream.local_graph import MODEL
    from loanstream.score_file import score_file
    from loanstream.stack.surroundings import Place
    from loanstream.terminal.progress import progress_line
    from training.registry.registry import Registry

    place = Place.of(context_of(ctx).home)
    artifacts = place.home.artifacts if place.around.tracking_uri is None else None
    console = Console()
    with progress_line(console) as report:
        report("fetching the model", 0.0)
        folder = Registry(place.tracking_uri, artifacts).download(MODEL, model)
        done = score_file(file, out, folder, reasons=reasons, progress=report)
    counts = ", ".join(f"{count:,} {outcome}" for outcome, count in done.outcomes.items())
    console.print(f"{done.rows:,} clients in {out}: {counts}", highlight=False, soft_wrap=True)
    if done.missing_tables:
        console.print(f"without {', '.join(done.missing_tables)}: not beside {file}", style="yellow", soft_wrap=True)
    if done.measures is not None:
        measured = done.measures
        console.print(
            f"against the labels in the file: AUC {measured.auc:.4f}, cost per client {measured.cost:.4f}",
            highlight=False,
        )
