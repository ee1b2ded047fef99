"""How a process of ours is run, as far as Python leaves that to us."""

from __future__ import annotations

import gc

_FIRST, _SECOND, _THIRD = 50_000, 10, 10


def spare_collections() -> None:
    """Take what is loaded by now out of the cycle collector's sight, and let it look for new cycles less often.

    For a process that works on micro-batches: thousands of small objects each (records, futures, documents), nearly all
    of which reference counting frees. By default the collector looks through them after every 700, and now and then
    through the whole heap of a process that has imported Ray. docs/exactly-once.md has what that costs. Whoever leaves
    a large cycle behind collects it himself.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_FIRST, _SECOND, _THIRD)
