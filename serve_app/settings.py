"""What an operator can set of the serving side, one sentence a field."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import SettingsConfigDict

from credit.wire.topics import Topics


class ServingSettings(Topics):
    """Settings of the Serve graph, read from LOANSTREAM_* variables once, in `serve_app.app`, and passed in."""

    model_config = SettingsConfigDict(env_prefix="LOANSTREAM_", extra="ignore", populate_by_name=True)

    model_name: str = Field("loanstream", description="Registered model to serve.")
    model_alias: str = Field("champion", description="Alias whose version decides.")
    tracking_uri: str = Field(
        "sqlite:///.loanstream/mlflow.db", validation_alias="MLFLOW_TRACKING_URI", description="MLflow's store."
    )
    model_poll_s: float = Field(2.0, gt=0, description="Seconds between looks at the alias.")
    model_hub: str | None = Field(
        None, description="Hub repository (owner/name or owner/name@revision) to start from when the registry is away."
    )
    model_folder: Path | None = Field(
        None, description="A model's folder to start from when the registry, and the Hub if set, are away."
    )

    feature_store: Path = Field(Path(".loanstream/features"), description="Folder of the LMDB feature store.")
    redis_url: SecretStr | None = Field(
        None, validation_alias="REDIS_URL", description="Redis with the features; LMDB if unset."
    )

    bootstrap: str | None = Field(
        None, validation_alias="KAFKA_BOOTSTRAP_SERVERS", description="Brokers of the audit log and the gateway."
    )

    ledger_url: str | None = Field(
        None, description="The ledger's door; its routes are answered by it, and not at all where this is unset."
    )
    max_http_batch: int = Field(64, ge=1, description="HTTP applications gathered into one micro-batch at most.")
    http_batches_in_work: int = Field(
        2, ge=1, description="HTTP micro-batches in work at a time; what comes meanwhile forms the next one."
    )
    max_http_pending: int = Field(512, ge=1, description="HTTP applications in work before callers get 429.")
    http_audit: Literal["acknowledged", "sent", "off"] = Field(
        "acknowledged", description="Answer once the audit record is acknowledged, once it is sent, or without one."
    )

    graph: Literal["composed", "fused"] = Field(
        "composed",
        description="Steps as deployments of their own that scale alone, or in the process of each door's replica.",
    )
    explainer: Literal["treeshap", "lightgbm"] = Field(
        "treeshap", description="Exact contributions by our own kernel, or by LightGBM's, tens of times slower."
    )
    step_timeout_s: float = Field(10.0, gt=0, description="Longest wait for one step of the graph.")
    step_again_after_s: float = Field(
        1.0, gt=0, description="Silence of a step, in a graph of deployments, after which another replica is asked too."
    )
    on_history_unavailable: Literal["decide", "refer"] = Field(
        "decide", description="With the feature store down: decide from the application alone, or refer to a person."
    )
    on_reasons_unavailable: Literal["approve", "refer"] = Field(
        "approve", description="With the explainer down: let approvals go, or refer them too; declines are referred."
    )

    shadow: bool = Field(True, description="Whether a challenger, where one is set, also scores what is decided.")
    shadow_alias: str = Field("challenger", description="Alias whose version scores in the shadow.")
    shadow_max_pending: int = Field(
        5000, ge=1, description="Decided applications that may wait for the challenger; more are dropped and counted."
    )
    shadow_look_s: float = Field(10.0, gt=0, description="Seconds between looks at the challenger's alias.")

    min_replicas: int = Field(1, ge=1, description="Fewest replicas of each step and door; 2 so that a node may fail.")
    max_replicas: int = Field(4, ge=1, description="Most replicas of each step.")
    max_replicas_per_node: int | None = Field(
        None,
        ge=1,
        description="Most replicas of each step and door on one node, so that they spread; no limit if unset.",
    )
    replica_cpus: float = Field(0.1, ge=0, description="CPUs reserved for each replica, for Ray's placement.")
    upscale_delay_s: float = Field(3.0, ge=0, description="How long load must last before replicas are added.")
    downscale_delay_s: float = Field(60.0, ge=0, description="How long it must be gone before they are removed.")
    with_gateway: bool = Field(True, description="Also run the Kafka gateway in this app.")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.min_replicas > self.max_replicas:
            raise ValueError("min_replicas must not be above max_replicas")
        return self
