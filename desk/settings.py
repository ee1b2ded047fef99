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
    public_url: str | None = Field(
        None, description="Address at which people open the desk; its host and port if unset. https marks cookies so."
    )
    oidc_metadata_url: str | None = Field(
        None,
        description="The identity provider's `.well-known/openid-configuration`; people sign in there if it is set.",
    )
    oidc_client_id: str = Field("loanstream", description="What the identity provider calls the desk.")
    oidc_client_secret: SecretStr | None = Field(None, description="By which the identity provider knows the desk.")
    oidc_scope: str = Field(
        "openid profile email", description="What the provider is asked for; must bring the claim with the roles."
    )
    oidc_token: Literal["id", "access"] = Field(
        "id",
        description="Which of the provider's tokens goes on to the API: the ID token, whose audience is the client id, "
        "or the access token where it is a JWT for the API.",
    )
    cookie_secret: SecretStr | None = Field(
        None,
        description="Signs the cookies of who came from the identity provider; made at the start if unset, which signs "
        "everybody out.",
    )
    passwords: bool | None = Field(
        None, description="Whether local users may sign in with a password; where there is no provider if unset."
    )
    timeout_s: float = Field(30.0, gt=0, description="Longest wait for one answer of the API, seconds.")
    language: Literal["en", "fr"] = Field(
        "en", description="Language where neither the person nor the browser has chosen one."
    )
    currency: str | None = Field(
        None, pattern="^[A-Z]{3}$", description="Currency of the amounts, as ISO 4217 names it; bare numbers if unset."
    )
    time_zone: str = Field("UTC", description="Zone in which days and hours are shown, such as Europe/Paris.")

    @property
    def address(self) -> str:
        """Where people open the desk, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def asks_for_password(self) -> bool:
        """Whether the sign-in page has a form for local users."""
        return self.oidc_metadata_url is None if self.passwords is None else self.passwords
