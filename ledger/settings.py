"""Settings of the ledger, from the environment with the prefix LOANSTREAM_LEDGER_."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import SettingsConfigDict

from credit.wire.topics import Topics


class LedgerSettings(Topics):
    """Where the ledger reads and keeps decisions, and how its reviews work; read once by each process."""

    model_config = SettingsConfigDict(
        env_prefix="LOANSTREAM_LEDGER_", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    bootstrap_servers: str = Field(
        default="127.0.0.1:9092",
        validation_alias=AliasChoices("LOANSTREAM_LEDGER_BOOTSTRAP_SERVERS", "KAFKA_BOOTSTRAP_SERVERS"),
        description="Kafka brokers, host:port with commas.",
    )
    transactional_id: str = Field(
        default="loanstream-ledger", description="Transactional id of the reviews' producer; one ledger, one id."
    )

    home: Path = Field(default=Path(".loanstream/ledger"), description="Folder of the SQLite file and of the keys.")
    database_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("LOANSTREAM_LEDGER_DATABASE_URL", "DATABASE_URL"),
        description="PostgreSQL as postgresql://user:password@host/name; a SQLite file in the home if unset.",
    )
    master_key: SecretStr | None = Field(
        default=None,
        description="Key that wraps the clients' keys, 32 bytes in base64; while it is replaced several with commas, "
        "the new one first. A file in the home if unset.",
    )
    keys_url: SecretStr | None = Field(
        default=None,
        description="Database of the clients' keys, never the ledger's own; a SQLite file in the home if unset.",
    )
    log_name: str = Field(default="loanstream", description="Name of the log of receipts, as its signed heads say it.")
    log_key_file: Path | None = Field(
        default=None, description="PEM file with the Ed25519 key that signs the log's heads; in the home if unset."
    )
    transaction_rows: int = Field(default=2000, ge=1, description="Most decisions stored in one transaction.")
    max_backoff_s: float = Field(default=10.0, gt=0, description="Longest pause between tries against the database.")
    retention_days: int = Field(
        default=0, ge=0, description="Days for which decisions are kept; 0 keeps them. PostgreSQL drops whole months."
    )

    host: str = Field(default="127.0.0.1", description="Address of the ledger's HTTP door.")
    port: int = Field(default=9470, ge=0, le=65535, description="Port of the ledger's HTTP door; 0 takes any.")
    sink_port: int = Field(default=9471, ge=0, le=65535, description="Port of the sink's metrics; 0 takes any.")
    api_key: SecretStr | None = Field(
        default=None, validation_alias="LOANSTREAM_API_KEY", description="Key that callers send as X-API-Key."
    )

    api_url: str | None = Field(
        default=None, description="The deciding API, which searches what would change an outcome; no search if unset."
    )

    monitor_url: str | None = Field(
        default=None, description="The monitor's own port, which tells completeness, lag and drift; untold if unset."
    )
    monitor_public_url: str | None = Field(
        default=None, description="Where a person's browser finds the monitor and its reports; as above if unset."
    )
    made_up_identities: bool = Field(
        default=False,
        description="Whether a client without a name gets a made-up one and a drawn face, marked as such: for demos.",
    )
    feature_store: Path = Field(
        default=Path(".loanstream/features"),
        validation_alias=AliasChoices("LOANSTREAM_LEDGER_FEATURE_STORE", "LOANSTREAM_FEATURE_STORE"),
        description="Folder of the feature store, for what a model does not read of a theme of the portfolio.",
    )
    redis_url: SecretStr | None = Field(
        default=None,
        validation_alias=AliasChoices("LOANSTREAM_LEDGER_REDIS_URL", "REDIS_URL"),
        description="The feature store of a cluster, used instead of the folder.",
    )
    book: Path | None = Field(
        default=None, description="Parquet file of the clients on file whose loans have ended; in the home if unset."
    )
    portfolio_memory_mb: int = Field(
        default=256, ge=64, description="Most memory that questions to the portfolio take, megabytes; then disk."
    )
    portfolio_threads: int = Field(
        default=1, ge=1, description="Questions to the portfolio that run side by side, each on one core."
    )

    review_sample: float = Field(
        default=0.0, ge=0, le=1, description="Part of the decisions that are not referred which a person reviews too."
    )
    review_days: float = Field(default=3.0, gt=0, description="Days within which a review is to be decided.")
    four_eyes_above: float = Field(
        default=1_000_000.0, ge=0, description="Credit amount above which a second person confirms a review."
    )
    attachment_mb: float = Field(default=5.0, gt=0, description="Largest file that a review takes, megabytes.")

    @property
    def url(self) -> str:
        """The database as SQLAlchemy names it."""
        if self.database_url is None:
            return f"sqlite:///{self.home.absolute()}/ledger.db"
        return _with_driver(self.database_url.get_secret_value())

    @property
    def key_store_url(self) -> str:
        """The database of the clients' keys as SQLAlchemy names it; in a folder that no backup of rows takes along."""
        if self.keys_url is None:
            return f"sqlite:///{self.home.absolute()}/keys/keys.db"
        return _with_driver(self.keys_url.get_secret_value())

    @property
    def portfolio(self) -> Path:
        """The folder of what the portfolio is counted from; it can be removed, and is made again."""
        return self.home / "portfolio"

    @property
    def book_file(self) -> Path:
        """The book of clients on file."""
        return self.book or self.portfolio / "book.parquet"

    @property
    def signing_key_file(self) -> Path:
        """The file of the key that signs the log's heads."""
        return self.log_key_file or self.home / "keys" / "log-key.pem"


def _with_driver(url: str) -> str:
    for scheme in ("postgresql://", "postgres://"):
        if url.startswith(scheme):
            return "postgresql+psycopg://" + url.removeprefix(scheme)
    return url
