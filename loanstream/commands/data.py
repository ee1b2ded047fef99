"""`data generate | check`: the tables."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from loanstream.commands import options
from loanstream.commands.context import context_of

app = typer.Typer(help="Make synthetic tables, or check real ones.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Add the commands of this file."""
    root.add_typer(app, name="data", rich_help_panel="Model")


@app.command()
def generate(
    ctx: typer.Context,
    out: Annotated[Path | None, typer.Option(help="Folder to write; the home's data/ if not given.")] = None,
    clients: options.Clients = 20_000,
    applications: options.Applications = 20_000,
    seed: options.Seed = 42,
    file_format: Annotated[
        Literal["parquet", "csv"], typer.Option("--format", help="How tables are written.")
    ] = "parquet",
) -> None:
    """Write all seven tables in Home Credit's columns, seeded, of any size."""
    from rich.console import Console

    from loanstream.terminal.progress import progress_line
    from training.data.generation.generate import generate as generate_tables

    folder = out or context_of(ctx).home.data
    console = Console()
    with progress_line(console) as report:
        rows = generate_tables(folder, clients, applications, seed, file_format=file_format, progress=report)
    _print_rows(console, folder, dict(rows))


@app.command()
def check(folder: Annotated[Path, typer.Argument(help="Folder of tables, CSV or parquet.", file_okay=False)]) -> None:
    """Check that a folder's tables are there, readable and of the right types."""
    from rich.console import Console

    from training.data.check import check_tables

    console = Console()
    with console.status("reading"):
        rows = check_tables(folder)
    _print_rows(console, folder, rows)


def _print_rows(console: object, folder: Path, rows: dict[str, int | None]) -> None:
    from rich.console import Console
    from rich.table import Table

    assert isinstance(console, Console)
    table = Table(box=None, padding=(0, 2), title=str(folder), title_justify="left", title_style="bold")
    table.add_column("table")
    table.add_column("rows", justify="right")
    for name, count in rows.items():
        table.add_row(name, "[dim]not there[/dim]" if count is None else f"{count:,}")
    console.print(table)
