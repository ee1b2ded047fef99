"""Applications that nobody made."""

from __future__ import annotations

from dataclasses import replace

from credit.application import ApplicationBatch

# A simulated decision must not be taken for a real one: its application has another id, so its decision has too.
SIMULATED_PREFIX = "simulation/"


def simulated(batch: ApplicationBatch) -> ApplicationBatch:
    """Return applications under ids that no real application has."""
    return replace(batch, application_ids=[SIMULATED_PREFIX + one for one in batch.application_ids])
