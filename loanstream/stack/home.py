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

from access.secret_file import write_once
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
    def ledger(self) -> Path:
        """The ledger's SQLite files, where no DATABASE_URL names a server, and its keys."""
        return self.root / "ledger"

    @property
    def book(self) -> Path:
        """The labelled clients on file in bands, which the portfolio shows."""
        return self.root / "book.parquet"

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
    def api_keys_file(self) -> Path:
        """The named keys beside the home's own, made by `loanstream keys`."""
        return self.root / "api-keys.json"

    @property
    def users(self) -> Path:
        """The local users, made by `loanstream users`, and the key that signs their sessions."""
        return self.root / "users"

    @property
    def desk_cookie_file(self) -> Path:
        return self.root / "desk-cookie-secret"

    @property
    def ray_token_file(self) -> Path:
        return self.root / "ray-token"

    @property
    def key(self) -> str:
        """Twelve hex digits that tell this home from any other on the machine."""
        return hashlib.sha256(f"{os.getuid()}|{self.root}".encode()).hexdigest()[:12]

    @property
    def short_dir(self) -> Path:
        """A folder with a short path for sockets: HAProxy's may have 97 bytes, of which Ray takes 70 for its own."""
        base = Path("/tmp")  # noqa: S108 - the folder's owner is checked; TMPDIR can be long, as on a Mac
        return (base if os.access(base, os.W_OK) else Path(tempfile.gettempdir())) / f"ls-{self.key}"

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
            raise SettingsError(f"{self.short_dir} belongs to another user; choose another --home")

    def api_key(self) -> str:
        """Return the API key of this home; the first call makes one that only the owner can read."""
        return _secret(self.api_key_file)

    def desk_cookie_secret(self) -> str:
        """Return what signs the cookies of the desk, so that a restart signs nobody out; made like the API key."""
        return _secret(self.desk_cookie_file)

    def ray_token(self) -> str:
        """Return the token that this home's Ray asks of whoever joins it; made like the API key."""
        return _secret(self.ray_token_file)

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


def _secret(path: Path) -> str:
    """Return the secret in a file, made with mode 0600 where there is none."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        write_once(path, f"{secrets.token_hex(32)}\n".encode())
    return path.read_text().strip()
