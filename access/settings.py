"""What an operator can set of who may call, one sentence a field."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class AccessSettings(BaseSettings):
    """Keys and tokens that the doors take, from LOANSTREAM_* variables; read once by each process and passed in."""

    model_config = SettingsConfigDict(
        env_prefix="LOANSTREAM_", extra="ignore", populate_by_name=True, env_ignore_empty=True
    )

    api_key: SecretStr | None = Field(None, description="A key with all scopes, as callers send it in X-API-Key.")
    api_keys_file: Path | None = Field(
        None, description="File of named keys, made by `loanstream keys`; read again whenever it changes."
    )
    jwt_issuer: str | None = Field(None, description="Issuer of the bearer tokens that are taken; none are if unset.")
    jwt_audience: str = Field("loanstream", description="Audience that a bearer token must name.")
    jwt_jwks_url: str | None = Field(None, description="Where the issuer publishes its keys; https, or loopback.")
    jwt_roles_claim: str = Field(
        "roles", description="Claim with the caller's roles; dots lead into claims within claims."
    )
    users_folder: Path | None = Field(
        None,
        description="Folder of the local users, made by `loanstream users`, and of the key that signs their sessions; "
        "nobody signs in with a password if unset.",
    )
    session_hours: float = Field(10.0, gt=0, description="Hours after which a local user signs in again.")
    review_limits: dict[str, float] = Field(
        default_factory=dict,
        description='Largest credit amount on which a role may decide a review, as JSON: `{"reviewer": 500000}`; '
        "a role that is not named has no limit.",
    )
