"""What the commands of the ledger share: whom they ask, as whom, and how they print the answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loanstream.commands.context import context_of

if TYPE_CHECKING:
    from loanstream.ledger_api import LedgerApi

Limit = Annotated[int, typer.Option(help="Most rows.", min=1, max=500)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]


def ledger_of(ctx: typer.Context) -> LedgerApi:
    """Return the ledger of the home; asked with the key in LOANSTREAM_API_KEY, with the home's own without one."""
    from loanstream.ledger_api import LedgerApi
    from loanstream.stack.surroundings import Place

    place = Place.of(context_of(ctx).home)
    return LedgerApi(place.ledger, os.environ.get("LOANSTREAM_API_KEY") or place.home.api_key())


def told_time(ms: int) -> str:
    """Return a time in milliseconds since the epoch as a person reads it, UTC."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def print_json(document: object) -> None:
    """Print an answer as it is."""
    import json

    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def print_table(rows: list[dict[str, Any]], columns: dict[str, Callable[[dict[str, Any]], str]]) -> None:
    """Print rows as a table, by what each column reads from a row."""
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table

    console = Console()
    if not rows:
        console.print("none")
        return
    table = Table(box=None, padding=(0, 1))
    for name in columns:
        table.add_column(name, no_wrap=True)
    for row in rows:
        table.add_row(*(read(row) for read in columns.values()))
    # Ids are copied from here: a line longer than the terminal, or than what a pipe is taken for, beats one cut short.
    console.width = max(console.width, Measurement.get(console, console.options.update(max_width=1000), table).maximum)
    console.print(table)
