"""A PostgreSQL server of one's own for a benchmark or a test, where its programs are installed."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path

from credit.errors import SettingsError
from streaming.broker.ports import LOOPBACK, free_port

_DEBIAN = Path("/usr/lib/postgresql")


class OwnPostgres:
    """A cluster in a temporary folder, on a free port of the loopback; PostgreSQL refuses to run as root.

    durable: whether commits are forced to disk, as they are for a bank; a test need not wait for that.
    """

    def __init__(self, durable: bool = True) -> None:
        self._bin = _programs()
        self._as_other = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []
        self._folder = Path(tempfile.mkdtemp(prefix="own-postgres-", dir="/tmp"))
        if self._as_other:
            user = pwd.getpwnam("postgres")
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        self.port = free_port()
        self._data = self._folder / "data"
        options = f"-c listen_addresses={LOOPBACK} -p {self.port} -k {self._folder} -c max_wal_size=2GB"
        self._options = options if durable else options + " -c fsync=off -c full_page_writes=off"
        try:
            self._run("initdb", "-D", str(self._data), "-U", "ledger", "-A", "trust", "-E", "UTF8", "--no-sync")
            self.start()
        except BaseException:  # nobody has it yet who could remove it
            with contextlib.suppress(SettingsError):
                self.stop()
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._run("pg_ctl", "-D", str(self._data), "-l", str(self._folder / "log"), "-w", "-o", self._options, "start")

    def stop(self) -> None:
        """Stop the server as a crash would, its data staying."""
        self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")

    def remove(self) -> None:
        """Stop the server and remove its folder; a server that has ended already is no error."""
        with contextlib.suppress(SettingsError):
            self.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def database(self, name: str) -> str:
        """Make a database and return its address."""
        self._run("createdb", "-h", LOOPBACK, "-p", str(self.port), "-U", "ledger", name)
        return self.address(name)

    def address(self, name: str) -> str:
        """Return the address of a database of this server."""
        return f"postgresql://ledger@{LOOPBACK}:{self.port}/{name}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [*self._as_other, str(self._bin / program), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=120, check=False)
        if done.returncode:
            raise SettingsError(f"{program} failed: {(done.stderr or done.stdout).strip()[-300:]}")


def _programs() -> Path:
    found = sorted(_DEBIAN.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise SettingsError("no PostgreSQL on this machine: install its server (Debian: postgresql)")
    return Path(on_path).parent
