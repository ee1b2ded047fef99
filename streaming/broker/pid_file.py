"""Which process a home's server is, remembered over runs of the program that started it."""

from __future__ import annotations

from pathlib import Path

import psutil


class PidFile:
    """Keeps a process id and when that process began: after a reboot the number may be somebody else's."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, pid: int) -> None:
        """Remember a process that runs now."""
        self._path.write_text(f"{pid} {psutil.Process(pid).create_time()}\n")

    def process(self) -> psutil.Process | None:
        """Return the process that was remembered, None where it has ended."""
        try:
            pid, created = self._path.read_text().split()
            process = psutil.Process(int(pid))
            if abs(process.create_time() - float(created)) > 1.0 or process.status() == psutil.STATUS_ZOMBIE:
                return None
        except (OSError, ValueError, psutil.NoSuchProcess):
            return None
        return process

    def remove(self) -> None:
        """Forget the process; forgetting twice is no error."""
        self._path.unlink(missing_ok=True)
