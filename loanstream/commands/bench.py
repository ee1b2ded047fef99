"""`bench`: the benchmarks, by name."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
