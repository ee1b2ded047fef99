"""Settings of the desk, from the environment with the prefix LOANSTREAM_DESK_."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class DeskSettings(BaseSettings):
    """Where the desk listens and whom it asks; read once by the process."""

    model_config = SettingsConfigDict(
        env_prefix="LOANSTREAM_DESK_", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    host: str = Field("127.0.0.1", description="Address on which the desk listens.")
    port: int = Field(8501, ge=0, le=65535, description="Port of the desk; 0 takes any.")
    api_url: str = Field("http://127.0.0.1:8000", description="The HTTP API, which is all that the desk knows.")
    api_key: SecretStr | None = Field(
        None, description="A key with which everybody is signed in as admin, for tests; people sign in if unset."
    )
    log_key: str | None = Field(
        None,
        description="Verifier key of the log of receipts, as `loanstream log head` shows it; without it the desk takes "
        "the key that comes with a proof, and says so.",
    )
    timeout_s: float = Field(30.0, gt=0, description="Longest wait for one answer of the API, seconds.")
    language: Literal["en", "fr"] = Field(
        "en", description="Language where neither the person nor the browser has chosen one."
    )
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="Currency of the amounts, as ISO 4217 names it; bare numbers if unset."
    )
    time_zone: str = Field("UTC", description="Zone in which days and hours are shown, such as Europe/Paris.")
