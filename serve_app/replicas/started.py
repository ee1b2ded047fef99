"""What a replica's start took, part by part, in one line of Serve's log: the stack shows it."""

from __future__ import annotations

import logging
import time

import psutil

from serve_app.models.shelf import ModelShelf

# Serve writes this logger's lines into the replica's own log.
log = logging.getLogger("ray.serve")


def make_no_access_lines() -> None:
    """Keep Serve from making a line for each request: with its access log off it makes them and throws them away."""
    log.setLevel(logging.WARNING)


class StartClock:
    """Made first thing in a replica: what came before is the process and its imports."""

    def __init__(self) -> None:
        self._born = psutil.Process().create_time()
        self._parts = {"process and imports": time.time() - self._born}
        self._at = time.perf_counter()

    def lap(self, name: str) -> None:
        """End a part of the start here."""
        now = time.perf_counter()
        self._parts[name] = now - self._at
        self._at = now

    def tell(self, shelf: ModelShelf | None = None) -> None:
        """Log the parts, and of which the model's were made; the replica can work from here on."""
        model = {} if shelf is None else shelf.load_s
        parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in (self._parts | model).items())
        log.info("started in %.1f s: %s", time.time() - self._born, parts)
