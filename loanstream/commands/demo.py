"""`demo`: the main job, shown live."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from loanstream.commands import options
from loanstream.commands.context import context_of


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(rich_help_panel="Stack")(demo)


def demo(
    ctx: typer.Context,
    data: options.Data = None,
    seconds: Annotated[
        float | None, typer.Option("--for", help="Stream so many seconds, then end; until Ctrl-C if not given.", min=1)
    ] = None,
    summary: Annotated[
        Path | None, typer.Option(help="Write the summary to this file as JSON.", dir_okay=False)
    ] = None,
    rate: Annotated[
        float | None, typer.Option(help="Applications a second; chosen to suit the table and the time if not given.")
    ] = None,
    clients: options.Clients = 20_000,
    applications: options.Applications = 20_000,
    seed: options.Seed = 42,
    prometheus: Annotated[bool, typer.Option(help="Start Prometheus too, where it is installed.")] = True,
    http_port: options.HttpPort = None,
    grpc_port: options.GrpcPort = None,
    kafka_port: options.KafkaPort = None,
    metrics_port: options.MetricsPort = None,
    ledger_port: options.LedgerPort = None,
    ledger_metrics_port: options.LedgerMetricsPort = None,
    ray_dashboard_port: options.RayDashboardPort = None,
    ray_metrics_port: options.RayMetricsPort = None,
    prometheus_port: options.PrometheusPort = None,
    desk_port: options.DeskPort = None,
    free_ports: options.FreePorts = False,
) -> None:
    """Start everything, stream applications, show each decision's way live; Ctrl-C or --for ends it with a summary."""
    from rich.console import Console

    from credit.errors import SettingsError
    from loanstream.demo.run import Demo, DemoOptions, ended_by_signals
    from loanstream.stack.actions import Wanted
    from loanstream.stack.stack import PortOptions, Stack

    if rate is not None and rate <= 0:
        raise SettingsError(f"--rate {rate:g} sends nothing; give applications a second above 0")
    named = {
        "http": http_port,
        "grpc": grpc_port,
        "kafka": kafka_port,
        "metrics": metrics_port,
        "ledger": ledger_port,
        "ledger_metrics": ledger_metrics_port,
        "ray_dashboard": ray_dashboard_port,
        "ray_metrics": ray_metrics_port,
        "prometheus": prometheus_port,
        "desk": desk_port,
    }
    chosen = DemoOptions(
        Wanted(data, clients, applications, seed, prometheus=prometheus, wait_for_desk=False, made_up_identities=True),
        PortOptions(named, free_ports),
        seconds,
        rate,
        summary,
    )
    with ended_by_signals():
        Demo(Stack(context_of(ctx).home), chosen, Console()).run()
