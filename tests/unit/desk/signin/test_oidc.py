"""What Streamlit is told of the identity provider."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from desk.settings import DeskSettings
from desk.signin.oidc import secrets_of

METADATA = "https://login.bank.example/.well-known/openid-configuration"


def test_without_a_provider_there_is_nothing_to_tell() -> None:
    """Then local users sign in with a password."""
    settings = DeskSettings()
    assert secrets_of(settings, "signs cookies") is None
    assert settings.asks_for_password


def test_the_provider_sends_people_back_to_the_public_address() -> None:
    """The address behind TLS is where the provider must send them, and one token goes on to the API."""
    settings = DeskSettings(
        public_url="https://desk.bank.example/",
        oidc_metadata_url=METADATA,
        oidc_client_secret=SecretStr("shared"),
        oidc_token="access",
    )
    told = secrets_of(settings, "signs cookies")
    assert told is not None
    assert told["auth"]["redirect_uri"] == "https://desk.bank.example/oauth2callback"
    assert told["auth"]["expose_tokens"] == ["access"]
    assert told["auth"]["client_secret"] == "shared"
    assert not settings.asks_for_password


def test_half_a_provider_is_refused() -> None:
    """A provider that does not know the desk would refuse everybody at the first sign-in."""
    with pytest.raises(ValueError, match="CLIENT_SECRET"):
        secrets_of(DeskSettings(oidc_metadata_url=METADATA), "signs cookies")
