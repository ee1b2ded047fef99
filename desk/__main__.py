"""`python -m desk` serves the desk."""

from __future__ import annotations

from desk.server import serve
from desk.settings import DeskSettings

if __name__ == "__main__":
    serve(DeskSettings())
