"""The first process of a host: gives it files of its own, then takes in whatever its processes leave behind.

It is process 1 of the host's process namespace, so that the kernel ends all of the host with it: a power cut.

    python -m deploy.cluster.init HOSTNAME FOLDER HIDDEN READ_ONLY...

FOLDER becomes the host's /var/lib/loanstream, and what lies in its `etc` stands over this machine's /etc; HIDDEN, where
all hosts' folders are, is covered; the rest is read only.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
from pathlib import Path

STATE = Path("/var/lib/loanstream")
_MS_RDONLY, _MS_NOSUID, _MS_REMOUNT, _MS_BIND = 1, 2, 32, 4096


def main(arguments: list[str]) -> int:
    """Build the host and wait for ever."""
    name, folder, hidden, *read_only = arguments
    socket.sethostname(name)
    _mount("proc", "/proc", "proc")
    STATE.mkdir(parents=True, exist_ok=True)
    _mount(folder, str(STATE), None, _MS_BIND)
    for file in (STATE / "etc").iterdir():
        # What it is there may be a link to a file that another mount is yet to cover.
        _mount(str(file), str((Path("/etc") / file.name).resolve()), None, _MS_BIND)
    # Opened before /tmp is covered, for any of them may lie in it.
    sources = {path: os.open(path, os.O_PATH) for path in read_only}
    _mount("tmpfs", "/tmp", "tmpfs", data="mode=1777")  # noqa: S108 - the host's own
    _mount("tmpfs", "/dev/shm", "tmpfs", data="mode=1777,size=1g")  # noqa: S108
    for path, source in sources.items():
        Path(path).mkdir(parents=True, exist_ok=True)
        _mount(f"/proc/self/fd/{source}", path, None, _MS_BIND)
        _mount(None, path, None, _MS_BIND | _MS_REMOUNT | _MS_RDONLY)
        os.close(source)
    if Path(hidden).exists():
        _mount("tmpfs", hidden, "tmpfs", _MS_NOSUID, "size=1m")
    (STATE / "booted").write_text("yes\n")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    while True:
        try:
            os.wait()
        except ChildProcessError:
            signal.sigtimedwait({signal.SIGCHLD}, 1.0)


def _mount(source: str | None, target: str, kind: str | None, flags: int = 0, data: str | None = None) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    encoded = [text.encode() if text is not None else None for text in (source, target, kind, data)]
    if libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3]) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"mounting {target}: {os.strerror(number)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
