"""Takes up what the alias names, aside from the requests that are served meanwhile."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

from credit.errors import LoanstreamError
from serve_app.models.shelf import ModelShelf

log = logging.getLogger(__name__)


class ModelCounts(Protocol):
    """Who counts what became of looks at the registry."""

    def taken_up(self, version: str) -> None:
        """Take note of a version that decides from now on."""

    def look_failed(self) -> None:
        """Take note of a look that came to nothing."""


class ModelWatch:
    """A shelf that follows its alias: looks once when made, and every `poll_s` seconds from `start` on."""

    def __init__(self, shelf: ModelShelf, poll_s: float, counts: ModelCounts) -> None:
        self.shelf = shelf
        self._poll_s, self._counts = poll_s, counts
        # Loading has a thread of its own: seconds of loading must not hold up scoring with the version before.
        self._loader = ThreadPoolExecutor(1, thread_name_prefix="model-loader")
        self._task: asyncio.Task[None] | None = None
        try:
            self._refresh()
        except LoanstreamError as error:
            log.warning("starting without a model, looking again every %.0f s: %s", poll_s, error)

    def start(self) -> None:
        """Look from now on; call it on the event loop, as often as you like."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def ready(self) -> bool:
        """Return whether a model is loaded; starts the watch."""
        self.start()
        return self.shelf.ready

    def _refresh(self) -> None:
        if self.shelf.refresh():
            version = self.shelf.current.ref.version
            log.info("took up model version %s", version)
            self._counts.taken_up(version)

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._poll_s)
            try:
                await asyncio.get_running_loop().run_in_executor(self._loader, self._refresh)
            except Exception:
                # A registry that is away, or a version that is refused, must not end the version that decides.
                self._counts.look_failed()
                log.exception("could not take up the current model; the one before goes on deciding")
