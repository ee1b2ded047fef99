"""The desk over the stack, and a browser."""

from tests.fixtures.desk import chromium, decided, desk_url, french_visit, visit

__all__ = ["chromium", "decided", "desk_url", "french_visit", "visit"]
