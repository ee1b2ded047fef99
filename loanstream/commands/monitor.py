"""`drift-report`, `dashboards`: what a person asks of the monitoring side."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from loanstream.commands.context import context_of

dashboards = typer.Typer(help="Grafana's dashboards, as code.", no_args_is_help=True)
_SHOWN_COLUMNS = 15


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command("drift-report", rich_help_panel="Monitor")(report_drift)
    app.add_typer(dashboards, name="dashboards", rich_help_panel="Monitor")


def report_drift(
    ctx: typer.Context,
    reference: Annotated[Path, typer.Option(help="The table to compare with, CSV or parquet.", dir_okay=False)],
    current: Annotated[Path, typer.Option(help="The table that may have drifted, CSV or parquet.", dir_okay=False)],
    out: Annotated[Path | None, typer.Option(help="Folder of the report; in the home if not given.")] = None,
) -> None:
    """Compare two tables column by column: PSI, missing values, and Evidently's page."""
    from rich.console import Console
    from rich.table import Table

    from monitoring.reports.drift_report import drift_report

    console = Console()
    folder = out or context_of(ctx).home.root / "drift"
    with console.status("comparing (Evidently takes a while to draw)"):
        report = drift_report(reference, current, folder)
    table = Table(box=None, padding=(0, 1))
    for name in ("column", "PSI", "missing", "missing shift", "unknown"):
        table.add_column(name, justify="left" if name == "column" else "right")
    for column in report.table.columns[:_SHOWN_COLUMNS]:
        shares = (column.missing, column.missing_shift, column.unknown)
        cells = ("" if share is None else f"{share:.1%}" for share in shares)
        psi = "" if column.psi is None else f"{column.psi:.3f}"
        table.add_row(column.column, psi, *cells, style="red" if column.drifted else "")
    console.print(table)
    found = report.table
    console.print(
        f"{len(found.drifted)} of {len(found.columns)} columns drifted, "
        f"{found.reference_rows:,} rows against {found.current_rows:,}",
        highlight=False,
    )
    console.print(f"page: {report.html}, figures: {report.json}", highlight=False, soft_wrap=True)


@dashboards.command("push")
def push_dashboards(
    grafana: Annotated[str, typer.Option(help="Address of Grafana.", envvar="GRAFANA_URL")],
    prometheus: Annotated[
        str, typer.Option(help="Address of Prometheus, as Grafana reaches it.", envvar="PROMETHEUS_URL")
    ] = "http://prometheus:9090",
) -> None:
    """Bring a Grafana up to this version's folder, data source and dashboards; GRAFANA_TOKEN holds the token."""
    from monitoring.dashboards.push import push

    pushed = push(grafana, os.environ.get("GRAFANA_TOKEN"), prometheus)
    typer.echo(f"{len(pushed.dashboards)} dashboards at {grafana}: {', '.join(pushed.dashboards)}")
