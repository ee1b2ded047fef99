"""What a session has asked for a moment ago.

Each view of a page draws all of it again, and each look at a client's data is logged: an answer is kept some seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar, cast

import streamlit as st

Answer = TypeVar("Answer")
_KEPT: Final = "desk.remembered"


def remembered(name: str, ask: Callable[[], Answer], seconds: float = 20.0) -> Answer:
    """Return the answer kept under a name, asked again once it is older than `seconds`; faults are not kept."""
    kept: dict[str, tuple[float, object]] = st.session_state.setdefault(_KEPT, {})
    now = time.monotonic()
    if name in kept and now - kept[name][0] < seconds:
        return cast(Answer, kept[name][1])
    answer = ask()
    kept[name] = (now, answer)
    return answer


def forget(*beginnings: str) -> None:
    """Forget the answers whose names begin so, because something was changed; all of them without a beginning."""
    kept: dict[str, tuple[float, object]] = st.session_state.get(_KEPT, {})
    for name in [name for name in kept if not beginnings or name.startswith(beginnings)]:
        del kept[name]
