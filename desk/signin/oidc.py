"""Sign-in at the bank's identity provider, by Streamlit's st.login, and the token that goes on to the API."""

from __future__ import annotations

import time
from typing import Any

import streamlit as st

from desk.settings import DeskSettings


def secrets_of(settings: DeskSettings, cookie_secret: str) -> dict[str, Any] | None:
    """Return what Streamlit calls its secrets: the provider, and which token it keeps; None without a provider.

    Raises ValueError where the settings name half of one.
    """
    if settings.oidc_metadata_url is None:
        return None
    if settings.oidc_client_secret is None:
        raise ValueError("LOANSTREAM_DESK_OIDC_METADATA_URL is set without LOANSTREAM_DESK_OIDC_CLIENT_SECRET")
    return {
        "auth": {
            "redirect_uri": f"{settings.address}/oauth2callback",
            "cookie_secret": cookie_secret,
            "expose_tokens": [settings.oidc_token],
            "client_id": settings.oidc_client_id,
            "client_secret": settings.oidc_client_secret.get_secret_value(),
            "server_metadata_url": settings.oidc_metadata_url,
            "client_kwargs": {"scope": settings.oidc_scope},
        }
    }


def came_lately() -> bool:
    """Say whether what the provider said of the person is still valid by its own clock."""
    ends = st.user.get("exp")
    return isinstance(ends, int | float) and float(ends) > time.time()


def provider_token(settings: DeskSettings) -> str | None:
    """Return the token of whoever came back from the provider in this browser, None where nobody did."""
    if settings.oidc_metadata_url is None or not st.user.get("is_logged_in"):
        return None
    token = st.user.tokens.get(settings.oidc_token)
    return str(token) if token else None
