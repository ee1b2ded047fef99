"""The desk over the stack, a browser, and an identity provider."""

from tests.fixtures.desk import chromium, decided, desk_url, french_visit, visit
from tests.fixtures.identity import identity_provider

__all__ = ["chromium", "decided", "desk_url", "french_visit", "identity_provider", "visit"]
