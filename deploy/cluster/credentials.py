"""The passwords of a cluster, made once and kept beside its hosts."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path

from access.secret_file import write_once


@dataclass(frozen=True, slots=True)
class Credentials:
    """What the parts of a cluster share; letters and digits, since addresses carry some of them."""

    kafka: str
    redis: str
    postgres: str
    api_key: str
    ray_token: str
    cluster_id: str

    @classmethod
    def of(cls, home: Path) -> Credentials:
        """Return the credentials of a cluster's home, made at the first call."""
        file = home / "credentials.json"
        # The first letter is set: an id that began with a dash would be taken for an option.
        kafka_id = "L" + base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")[1:]
        names = ("kafka", "redis", "postgres", "api_key", "ray_token")
        made = cls(**{name: secrets.token_hex(16) for name in names}, cluster_id=kafka_id)
        write_once(file, json.dumps(asdict(made)).encode())
        return cls(**json.loads(file.read_bytes()))
