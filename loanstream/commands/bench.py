"""`bench`: the benchmarks, by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanstream.commands import options
from loanstream.commands.context import context_of

app = typer.Typer(help="Measure: explanation, or both doors of the running stack.", no_args_is_help=True)


def register(root: typer.Typer) -> None:
    """Add the commands of this file."""
    root.add_typer(app, name="bench", rich_help_panel="Measure")


@app.command()
def explain(
    model: Annotated[Path, typer.Option(help="LightGBM model as text.", exists=True, dir_okay=False)],
    rows: Annotated[Path, typer.Option(help="Rows to explain: a float64 matrix in .npy.", exists=True, dir_okay=False)],
    json_out: Annotated[Path | None, typer.Option("--json", help="Write the medians to this file as JSON.")] = None,
) -> None:
    """Measure exact explanation of any LightGBM model against pred_contrib and shap."""
    from benchmarks.explain import bench_explain

    bench_explain(model, rows, json_out)


@app.command()
def doors(
    ctx: typer.Context,
    seconds: Annotated[float, typer.Option(help="Length of each measurement.", min=1)] = 10.0,
    data: options.Data = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="Write the figures to this file as JSON.")] = None,
) -> None:
    """Measure decisions a second and latency over HTTP and through Kafka, on the running stack or one of its own."""
    from rich.console import Console

    from benchmarks.doors import bench_doors
    from loanstream.demo.feed import table_to_stream
    from loanstream.stack.parts import Wanted
    from loanstream.stack.prepared import tables_of
    from loanstream.stack.stack import PortOptions, Stack
    from loanstream.stack.start import bring_up, stopping

    home = context_of(ctx).home
    stack = Stack(home)
    console = Console()
    with home.locked():
        place, running = stack.claim("up", PortOptions())
        if not running:
            bring_up(stack, place, Wanted(data, any_champion=data is None), console)
    try:
        table = table_to_stream(data or tables_of(home))
        bench_doors(place.http, home.api_key(), place.bootstrap, table, json_out, seconds)
    finally:
        if not running:
            stopping(stack, console)
