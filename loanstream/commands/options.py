"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HttpPort = Annotated[int | None, typer.Option("--http-port", help="Port of the HTTP API.", rich_help_panel="Ports")]
GrpcPort = Annotated[int | None, typer.Option("--grpc-port", help="Port of the gRPC API.", rich_help_panel="Ports")]
KafkaPort = Annotated[
    int | None, typer.Option("--kafka-port", help="Port of the embedded Kafka broker.", rich_help_panel="Ports")
]
MetricsPort = Annotated[
    int | None, typer.Option("--metrics-port", help="Port of the monitor.", rich_help_panel="Ports")
]
LedgerPort = Annotated[
    int | None, typer.Option("--ledger-port", help="Port of the ledger's HTTP door.", rich_help_panel="Ports")
]
LedgerMetricsPort = Annotated[
    int | None,
    typer.Option("--ledger-metrics-port", help="Port of the ledger's sink's metrics.", rich_help_panel="Ports"),
]
RayDashboardPort = Annotated[
    int | None, typer.Option("--ray-dashboard-port", help="Port of Ray's dashboard.", rich_help_panel="Ports")
]
RayMetricsPort = Annotated[
    int | None, typer.Option("--ray-metrics-port", help="Port of Ray's metrics.", rich_help_panel="Ports")
]
PrometheusPort = Annotated[
    int | None, typer.Option("--prometheus-port", help="Port of Prometheus.", rich_help_panel="Ports")
]
DeskPort = Annotated[int | None, typer.Option("--desk-port", help="Port of the desk.", rich_help_panel="Ports")]
FreePorts = Annotated[
    bool,
    typer.Option("--free-ports", help="Take any free ports for those not named.", rich_help_panel="Ports"),
]
Data = Annotated[
    Path | None,
    typer.Option(
        "--data",
        help="Folder of Home Credit's tables, CSV or parquet; synthetic ones in the home if not given.",
        file_okay=False,
    ),
]
Clients = Annotated[int, typer.Option(help="Size of the synthetic tables: clients to train on.", min=1)]
Applications = Annotated[int, typer.Option(help="Size of the synthetic tables: applications to stream.", min=0)]
Seed = Annotated[int, typer.Option(help="Seed of synthetic tables and of training.")]
