"""The folder that holds all state of one stack, so that nothing of one home touches another's."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from credit.errors import SettingsError, StackError

DEFAULT_HOME = Path(".loanstream")


@dataclass(frozen=True, slots=True)
class Home:
    """Where everything of one stack lies; naming a path here makes no folder, `prepare` does."""

    root: Path

    @classmethod
    def at(cls, root: Path) -> Home:
        """Return the home at `root`, made absolute, so that processes started elsewhere find it."""
        return cls(root.expanduser().absolute())

    @property
    def data(self) -> Path:
        """Synthetic tables; real ones stay where they are."""
        return self.root / "data"

    @property
    def mlflow_db(self) -> Path:
        return self.root / "mlflow.db"

    @property
    def mlflow_uri(self) -> str:
        return f"sqlite:///{self.mlflow_db}"

    @property
    def artifacts(self) -> Path:
        """MLflow's artifacts: the registered models' files."""
        return self.root / "mlruns"

    @property
    def features(self) -> Path:
        """The embedded feature store (LMDB)."""
        return self.root / "features"

    @property
    def kafka(self) -> Path:
        return self.root / "kafka"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """Process records, the lock and the ports of the running stack."""
        return self.root / "run"

    @property
    def ports_file(self) -> Path:
        return self.root / "ports.json"

    @property
    def api_key_file(self) -> Path:
        return self.root / "api-key"

    @property
    def key(self) -> str:
        """Twelve hex digits that tell this home from any other on the machine."""
        return hashlib.sha256(str(self.root).encode()).hexdigest()[:12]

    @property
    def short_dir(self) -> Path:
        """A folder with a short path for sockets: a Unix socket's path may have 107 bytes, and Ray adds 60 of them."""
        return Path(tempfile.gettempdir()) / f"ls-{os.getuid()}-{self.key}"

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def prepare(self) -> None:
        """Make the folders; raises SettingsError where that is not allowed."""
        try:
            for folder in (self.root, self.data, self.artifacts, self.features, self.kafka, self.logs, self.run):
                folder.mkdir(parents=True, exist_ok=True)
            self.short_dir.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise SettingsError(
                f"the home {self.root} cannot be made ({error.strerror}); name another with --home"
            ) from None
        # The system's temp folder is everybody's: a folder that somebody else laid there in advance is not used.
        if self.short_dir.stat().st_uid != os.getuid():
            raise SettingsError(f"{self.short_dir} belongs to another user; set TMPDIR to a folder of your own")

    def api_key(self) -> str:
        """Return the API key of this home; the first call makes one that only the owner can read."""
        try:
            return self.api_key_file.read_text().strip()
        except FileNotFoundError:
            pass
        self.root.mkdir(parents=True, exist_ok=True)
        key = secrets.token_urlsafe(32)
        with contextlib.suppress(FileExistsError):
            handle = os.open(self.api_key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(key + "\n")
        return self.api_key_file.read_text().strip()

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Hold this home for starting or stopping; raises StackError while another command holds it."""
        self.run.mkdir(parents=True, exist_ok=True)
        with (self.run / "lock").open("w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StackError(
                    f"another command is starting or stopping the stack of {self.root}; wait for it to end"
                ) from None
            yield
