"""What the command line takes from the environment: servers to use instead of the embedded ones."""

from __future__ import annotations

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Surroundings(BaseSettings):
    """Servers of a cluster; each that is set takes the place of a part of the one-machine stack."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    bootstrap: str | None = Field(
        None, validation_alias="KAFKA_BOOTSTRAP_SERVERS", description="Kafka brokers; the embedded one if unset."
    )
    redis_url: SecretStr | None = Field(
        None, validation_alias="REDIS_URL", description="Redis for the features; LMDB in the home if unset."
    )
    tracking_uri: str | None = Field(
        None, validation_alias="MLFLOW_TRACKING_URI", description="MLflow's store; SQLite in the home if unset."
    )
    ray_address: str | None = Field(
        None, validation_alias="RAY_ADDRESS", description="Head of a Ray cluster; a Ray of this home if unset."
    )
    batch_workers: int = Field(
        0,
        ge=0,
        validation_alias="LOANSTREAM_BATCH_WORKERS",
        description="Most workers of a Ray cluster that `score` takes, a CPU each; 0 takes as many as there are CPUs.",
    )
    ledger_url: str | None = Field(
        None, validation_alias="LOANSTREAM_LEDGER_URL", description="Ledger's HTTP door; that of the home if unset."
    )
    desk: bool = Field(True, validation_alias="LOANSTREAM_DESK", description="Whether a stack has a desk.")
    partitions: int = Field(
        4, ge=1, validation_alias="LOANSTREAM_PARTITIONS", description="Partitions of topics that are made."
    )
