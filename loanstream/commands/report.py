"""`train-report`: models compared on real tables, for a page of the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanstream.commands import options
from loanstream.commands.context import context_of


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("train-report", rich_help_panel="Measure")(train_report)


def train_report(
    ctx: typer.Context,
    data: options.Data = None,
    out: Annotated[Path, typer.Option(help="Markdown page whose tables are written.", dir_okay=False)] = Path(
        "docs/training.md"
    ),
    seed: options.Seed = 42,
    only: Annotated[
        str | None,
        typer.Option(
            metavar="NAME[,NAME]", help="Sections to make anew, the rest of the page stays; a wrong name lists them."
        ),
    ] = None,
) -> None:
    """Compare models, tuning, policy, constraints and fairness on a folder's tables; takes tens of minutes."""
    from rich.console import Console

    from loanstream.terminal.progress import progress_line
    from training.documents.report import chosen_sections, write_report

    chosen_sections(only)  # a wrong name is told before a home is made
    home = context_of(ctx).home
    home.prepare()
    console = Console()
    with progress_line(console) as report:
        page = write_report(
            data or home.data, out, seed=seed, study=home.root / "tuning.db", only=only, progress=report
        )
    console.print(f"tables written to {page}", highlight=False, soft_wrap=True)
