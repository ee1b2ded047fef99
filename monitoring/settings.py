"""Settings of the monitor, from the environment with the prefix LOANSTREAM_MONITOR_ (a list or mapping as JSON)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal, Self

from pydantic import AliasChoices, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import SettingsConfigDict

from credit.errors import SettingsError
from credit.wire.topics import Topics
from monitoring.consumers import MonitorConsumers
from monitoring.windows.plan import RollingWindow, WindowPlan
from streaming.kafka.security import KafkaSecurity


class MonitorSettings(Topics):
    """Where the monitor reads, what it keeps, and when it reports."""

    model_config = SettingsConfigDict(env_prefix="LOANSTREAM_MONITOR_", extra="ignore", populate_by_name=True)

    bootstrap_servers: str = Field(
        default="127.0.0.1:9092",
        validation_alias=AliasChoices("LOANSTREAM_MONITOR_BOOTSTRAP_SERVERS", "KAFKA_BOOTSTRAP_SERVERS"),
        description="Kafka brokers, host:port with commas.",
    )
    kafka_options: SecretStr | None = Field(
        default=None,
        description="Further options of kafka-python's consumers as a JSON object; security is LOANSTREAM_KAFKA_*'s.",
    )
    group_id: str = Field(default="loanstream-monitor", description="Consumer group of the audit topic.")
    gateway_group: str = Field(
        default="loanstream-gateway", description="Consumer group whose lag on the applications topic is watched."
    )
    tracking_uri: str | None = Field(
        default=None,
        validation_alias=AliasChoices("LOANSTREAM_MONITOR_TRACKING_URI", "MLFLOW_TRACKING_URI"),
        description="MLflow tracking URI of the registered models.",
    )
    model_name: str = Field(default="loanstream", description="The registered model's name.")
    reference_wait_s: float = Field(
        default=300.0, ge=0, description="How long to wait for a version's reference before counting without one."
    )
    home: Path = Field(default=Path(".loanstream/monitor"), description="Folder of snapshots, references and reports.")
    host: str = Field(default="127.0.0.1", description="Address of metrics, health and status page.")
    port: int = Field(default=9464, ge=0, le=65535, description="Port of metrics, health and status page; 0 takes any.")

    short_window_s: int = Field(default=900, gt=0, description="Length of the window `short`, seconds.")
    medium_window_s: int = Field(default=3600, gt=0, description="Length of the window `medium`, seconds.")
    long_window_s: int = Field(default=86400, gt=0, description="Length of the window `long`, seconds.")
    short_pane_s: int = Field(default=60, gt=0, description="Pane of `short` and `medium`, seconds.")
    long_pane_s: int = Field(default=1800, gt=0, description="Pane of `long`, seconds: a multiple of the short one.")
    history_pane_s: int = Field(default=6 * 3600, gt=0, description="Pane of the earlier week, seconds.")
    history_s: int = Field(default=7 * 86400, gt=0, description="Length of the earlier period compared with, seconds.")
    lateness_s: int = Field(default=3600, ge=0, description="How far behind its partition's newest an event may be.")

    tick_s: float = Field(default=5.0, gt=0, description="Time between two computations of drift, seconds.")
    snapshot_s: float = Field(default=15.0, gt=0, description="Time between two snapshots, seconds.")
    auto_offset_reset: Literal["earliest", "latest"] = Field(
        default="earliest", description="Where a partition without a snapshot is read from."
    )

    report_s: float = Field(default=900.0, ge=0, description="Time between two Evidently reports, seconds; 0 for none.")
    report_rows: int = Field(default=2000, ge=100, description="Rows of the window's sample and of the reference's.")
    report_keep: int = Field(default=48, ge=1, description="Reports kept.")
    report_keep_days: float = Field(default=14.0, gt=0, description="Age from which a report is deleted, days.")
    report_timeout_s: float = Field(default=300.0, gt=0, description="Time after which a report is given up, seconds.")

    labels: bool = Field(default=True, description="Whether decisions are kept for joining late outcomes.")
    label_share: float = Field(default=1.0, gt=0, le=1, description="Share of applications kept for that, by id.")
    label_max_rows: int = Field(default=2_000_000, ge=1000, description="Decisions kept for that at most.")
    label_keep_days: float = Field(default=550.0, gt=0, description="Age from which such a decision is dropped, days.")
    cohort_s: int = Field(default=86400, gt=0, description="Length of a cohort of decisions, seconds.")
    maturity_s: float = Field(
        default=90 * 86400.0, ge=0, description="Age from which a cohort's outcomes count as known, seconds."
    )
    performance_s: float = Field(default=60.0, gt=0, description="Time between two evaluations of outcomes, seconds.")

    @model_validator(mode="after")
    def _panes_nest(self) -> Self:
        if self.long_pane_s % self.short_pane_s or self.history_pane_s % self.long_pane_s:
            raise ValueError("long_pane_s must be a multiple of short_pane_s, history_pane_s one of long_pane_s")
        return self

    def consumers(self) -> MonitorConsumers:
        """Return what makes the monitor's consumers; SettingsError where options or security cannot be read."""
        try:
            more = json.loads(self.kafka_options.get_secret_value()) if self.kafka_options else {}
            further = dict(more)
        except (ValueError, TypeError):
            raise SettingsError("LOANSTREAM_MONITOR_KAFKA_OPTIONS is no JSON object; write one, or unset it") from None
        try:
            security = KafkaSecurity()
        except ValidationError as error:
            first = error.errors()[0]
            raise SettingsError(f"LOANSTREAM_KAFKA_*: {first['msg'].removeprefix('Value error, ')}") from None
        return MonitorConsumers(self.bootstrap_servers, security, further)

    def plan(self) -> WindowPlan:
        """Return the windows that these settings ask for."""
        windows = (
            RollingWindow("short", self.short_window_s, self.short_pane_s),
            RollingWindow("medium", self.medium_window_s, self.short_pane_s),
            RollingWindow("long", self.long_window_s, self.long_pane_s),
        )
        return WindowPlan(windows, self.history_s, self.history_pane_s, self.lateness_s)
