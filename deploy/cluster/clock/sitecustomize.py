"""Sets the clock of every Python program wrong that finds this folder on its path: Python imports this file by itself.

Ray's own programs wait by the kernel's clock in ways that no library can stand between (libfaketime makes them wait for
minutes, or not at all), so that a node of Ray's is wrong as far as its Python is: that stamps records and decisions.
"""

from __future__ import annotations

import os
import time

_OFFSET_S = float(os.environ["LOANSTREAM_CLOCK_OFFSET_S"])
_OFFSET_NS = round(_OFFSET_S * 1e9)
_right, _right_ns = time.time, time.time_ns


def _wrong() -> float:
    return _right() + _OFFSET_S


def _wrong_ns() -> int:
    return _right_ns() + _OFFSET_NS


time.time, time.time_ns = _wrong, _wrong_ns
