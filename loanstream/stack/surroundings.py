"""Where each part of this run is found: in the home, or in the cluster that the environment names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from credit.errors import SettingsError
from credit.wire.topics import Topics
from loanstream.settings import Surroundings
from loanstream.stack.home import Home
from loanstream.stack.ports import Ports, read_ports
from streaming.broker.ports import LOOPBACK

GATEWAY_GROUP = "loanstream-gateway"


@dataclass(frozen=True, slots=True)
class Place:
    """A home with its ports and surroundings: what every command needs to find the stack's parts."""

    home: Home
    ports: Ports
    around: Surroundings
    topics: Topics = field(default_factory=Topics)

    @classmethod
    def of(cls, home: Home, ports: Ports | None = None) -> Place:
        """Return the place of a home; reads its ports where none are given, and the environment."""
        from pydantic import ValidationError

        try:
            around = Surroundings()
        except ValidationError as error:
            first = error.errors()[0]
            raise SettingsError(
                f"{'.'.join(map(str, first['loc']))}: {first['msg']}; set it right or unset it"
            ) from None
        return cls(home, ports or read_ports(home.ports_file), around)

    @property
    def bootstrap(self) -> str:
        return self.around.bootstrap or f"{LOOPBACK}:{self.ports.kafka}"

    @property
    def tracking_uri(self) -> str:
        return self.around.tracking_uri or self.home.mlflow_uri

    @property
    def redis_url(self) -> str | None:
        return self.around.redis_url.get_secret_value() if self.around.redis_url else None

    @property
    def http(self) -> str:
        return f"http://{LOOPBACK}:{self.ports.http}"

    @property
    def ledger(self) -> str:
        """Address of the ledger's HTTP door."""
        return self.around.ledger_url or f"http://{LOOPBACK}:{self.ports.ledger}"

    @property
    def desk(self) -> str:
        """Address at which people open the desk."""
        return os.environ.get("LOANSTREAM_DESK_PUBLIC_URL", f"http://{LOOPBACK}:{self.ports.desk}")

    @property
    def users_folder(self) -> Path:
        """Folder of the local users."""
        return Path(os.environ.get("LOANSTREAM_USERS_FOLDER", self.home.users))

    @property
    def grpc(self) -> str:
        return f"{LOOPBACK}:{self.ports.grpc}"

    def environment(self) -> dict[str, str]:
        """Return the variables by which every process of the stack finds the others; paths are absolute."""
        home = self.home
        env = {
            "DO_NOT_TRACK": "1",
            "RAY_USAGE_STATS_ENABLED": "0",
            "KAFKA_BOOTSTRAP_SERVERS": self.bootstrap,
            "MLFLOW_TRACKING_URI": self.tracking_uri,
            "LOANSTREAM_HOME": str(home.root),
            "LOANSTREAM_FEATURE_STORE": str(home.features),
            "LOANSTREAM_MONITOR_BOOTSTRAP_SERVERS": self.bootstrap,
            "LOANSTREAM_MONITOR_TRACKING_URI": self.tracking_uri,
            "LOANSTREAM_MONITOR_HOME": str(home.root / "monitor"),
            "LOANSTREAM_MONITOR_PORT": str(self.ports.metrics),
            "LOANSTREAM_LEDGER_URL": self.ledger,
            "LOANSTREAM_LEDGER_API_URL": self.http,
            "LOANSTREAM_LEDGER_MONITOR_URL": f"http://{LOOPBACK}:{self.ports.metrics}",
            "LOANSTREAM_LEDGER_BOOK": os.environ.get("LOANSTREAM_LEDGER_BOOK", str(home.book)),
            "LOANSTREAM_LEDGER_HOME": str(home.ledger),
            "LOANSTREAM_LEDGER_PORT": str(self.ports.ledger),
            "LOANSTREAM_LEDGER_SINK_PORT": str(self.ports.ledger_metrics),
        }
        if self.around.ray_address is None:
            # Beyond the cores of one machine replicas only take turns, and each costs ten seconds of a core to start.
            cores = os.cpu_count() or 2
            env["LOANSTREAM_MAX_REPLICAS"] = os.environ.get("LOANSTREAM_MAX_REPLICAS", str(min(4, cores)))
            gateways = os.environ.get("LOANSTREAM_GATEWAY_MAX_REPLICAS", str(min(4, max(1, cores // 2))))
            env["LOANSTREAM_GATEWAY_MAX_REPLICAS"] = gateways
            # One machine takes what measures best: no hop between the steps (docs/adr/0015).
            env["LOANSTREAM_GRAPH"] = os.environ.get("LOANSTREAM_GRAPH", "fused")
            # Ray runs any code it is sent: without a token whoever reaches its port owns this machine.
            self.home.ray_token()
            env |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN_PATH": str(home.ray_token_file)}
        if self.around.tracking_uri is None:
            env["LOANSTREAM_ARTIFACTS"] = str(home.artifacts)
        if self.redis_url:
            env["REDIS_URL"] = self.redis_url
        return env

    def secrets(self) -> dict[str, str]:
        """Return the variables that only the graph is given."""
        keys_file = os.environ.get("LOANSTREAM_API_KEYS_FILE", str(self.home.api_keys_file))
        return {
            "LOANSTREAM_API_KEY": self.home.api_key(),
            "LOANSTREAM_API_KEYS_FILE": keys_file,
            "LOANSTREAM_USERS_FOLDER": str(self.users_folder),
        }

    def desk_environment(self) -> dict[str, str]:
        """Return the variables of the desk: the API's address, and no key, since people sign in."""
        return {
            "DO_NOT_TRACK": "1",
            "LOANSTREAM_DESK_API_URL": self.http,
            "LOANSTREAM_DESK_PORT": str(self.ports.desk),
            "LOANSTREAM_DESK_COOKIE_SECRET": self.home.desk_cookie_secret(),
        }

    def addresses(self) -> Mapping[str, str]:
        """Return what a person may want to open, by name."""
        metrics = f"http://{LOOPBACK}:{self.ports.metrics}/metrics"
        if self.around.ray_address is None:
            metrics += f"  (monitor), http://{LOOPBACK}:{self.ports.ray_metrics}/metrics  (graph)"
        desk = {"desk": f"{self.desk}  (people: loanstream users)"} if self.around.desk else {}
        return {
            **desk,
            "HTTP API": f"{self.http}  (X-API-Key in {_relative(self.home.api_key_file)})",
            "gRPC API": f"{self.grpc}  (the same key, as x-api-key)",
            "API docs": f"{self.http}/docs",
            "models": f"{self.tracking_uri}",
            "monitor": f"http://{LOOPBACK}:{self.ports.metrics}/",
            "ledger": f"{self.ledger}/docs",
            "metrics": metrics,
        }


def _relative(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
