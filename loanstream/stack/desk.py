"""The advisers' desk: one process, a client of the HTTP API that nothing else waits for."""

from __future__ import annotations

import os
import sys

from access.users import FIRST_USER, UserFile
from loanstream.stack.process import Processes, ProcessSpec
from loanstream.stack.surroundings import Place
from streaming.broker.ports import is_free

NAME = "desk"
DESK_TIMEOUT_S = 120.0


def begin(place: Place, processes: Processes) -> None:
    """Start the desk; it answers some seconds later."""
    processes.start(ProcessSpec(NAME, [sys.executable, "-m", "desk"], env=place.desk_environment()))


def wait(place: Place, processes: Processes) -> None:
    """Wait until the desk answers at its port."""
    processes.wait_until(lambda: not is_free(place.ports.desk), NAME, "answering", DESK_TIMEOUT_S)


def first_sign_in(place: Place) -> str | None:
    """Make the first local user of a home and return how to sign in, once; None where there was one, or a provider."""
    if os.environ.get("LOANSTREAM_DESK_OIDC_METADATA_URL") or not place.around.desk:
        return None
    password = UserFile(place.users_folder).first()
    if password is None:
        return None
    return f"{FIRST_USER}, password {password}  (shown this once; you choose your own when you sign in)"
