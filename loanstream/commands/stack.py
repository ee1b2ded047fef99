"""`up`, `status`, `down`: the one-machine stack."""

from __future__ import annotations

from typing import Annotated

import typer

from loanstream.commands import options
from loanstream.commands.context import context_of


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(rich_help_panel="Stack")(up)
    app.command(rich_help_panel="Stack")(status)
    app.command(rich_help_panel="Stack")(down)


def up(
    ctx: typer.Context,
    data: options.Data = None,
    clients: options.Clients = 20_000,
    applications: options.Applications = 20_000,
    seed: options.Seed = 42,
    retrain: Annotated[bool, typer.Option("--retrain", help="Train again even where a champion is there.")] = False,
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
    """Start everything on this machine, ready to decide; a second start reuses what is there."""
    from rich.console import Console

    from loanstream.stack.actions import Wanted
    from loanstream.stack.desk import first_sign_in
    from loanstream.stack.stack import PortOptions, Stack
    from loanstream.terminal.stack_view import draw_addresses
    from loanstream.terminal.start import bring_up

    home = context_of(ctx).home
    stack = Stack(home)
    ports = {
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
    wanted = Wanted(
        data, clients, applications, seed, any_champion=data is None, retrain=retrain, prometheus=prometheus
    )
    console = Console()
    with home.locked():
        place, running = stack.claim("up", PortOptions(ports, free_ports))
        if running:
            console.print("The stack already runs.")
        else:
            bring_up(stack, place, wanted, console)
        addresses = dict(place.addresses())
        first = first_sign_in(place)
        if first is not None:
            addresses["sign in as"] = first
    console.print(draw_addresses(addresses))


def status(ctx: typer.Context) -> None:
    """Show what runs, where, and how much memory it takes; exit code 3 if the stack is not up."""
    from rich.console import Console

    from loanstream.stack.status import draw_status, look
    from loanstream.stack.surroundings import Place

    home = context_of(ctx).home
    console = Console()
    found = look(home)
    console.print(draw_status(found))
    if not found.up:
        raise typer.Exit(3)
    from loanstream.terminal.stack_view import draw_addresses

    console.print(draw_addresses(Place.of(home).addresses()))


def down(ctx: typer.Context) -> None:
    """Stop everything of this home; what it holds (tables, models, topics) stays."""
    from rich.console import Console

    from loanstream.stack.stack import Stack
    from loanstream.terminal.start import stopping

    home = context_of(ctx).home
    console = Console()
    stack = Stack(home)
    if not home.run.is_dir():
        console.print(f"nothing runs in {home.root}")
        return
    ended = stopping(stack, console)
    console.print("stopped" if ended else f"nothing runs in {home.root}")
