"""`intake`: applications of a table, sent to Kafka at a rate."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanstream.commands import options
from loanstream.commands.context import context_of


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(rich_help_panel="Stream")(intake)


def intake(
    ctx: typer.Context,
    data: options.Data = None,
    table: Annotated[
        Path | None, typer.Option(help="A table to send instead of the folder's application_test.", dir_okay=False)
    ] = None,
    rate: Annotated[float | None, typer.Option(help="Applications a second; as fast as possible if not given.")] = None,
    limit: Annotated[int | None, typer.Option(help="Send so many at most.", min=1)] = None,
    repeat: Annotated[
        bool, typer.Option("--repeat", help="Begin again at the table's end, with ids of their own.")
    ] = False,
) -> None:
    """Send a table's applications to Kafka at a rate; Ctrl-C ends it."""
    import signal
    import threading

    from rich.console import Console

    from credit.errors import SettingsError
    from loanstream.intake.tables import table_to_stream
    from loanstream.stack.prepared import tables_of
    from loanstream.stack.surroundings import Place
    from loanstream.terminal.progress import progress_count
    from streaming.feed import feed

    if rate is not None and rate <= 0:
        raise SettingsError(f"--rate {rate:g} sends nothing; give applications a second above 0")
    place = Place.of(context_of(ctx).home)
    source = table or table_to_stream(data or tables_of(place.home))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    console = Console()
    with progress_count(console, f"sending {source.name}") as count:
        sent = feed(
            place.bootstrap,
            source,
            rate=rate,
            limit=limit,
            repeat=repeat,
            topic=place.topics.applications_topic,
            stop=stop,
            progress=count,
        )
    console.print(f"{sent:,} applications sent and acknowledged", highlight=False)
