"""The host with Redis, PostgreSQL and MLflow's server: features, Ray's own memory, models, and the ledger's rows."""

from __future__ import annotations

import shutil
from pathlib import Path

from credit.errors import SettingsError, StackError
from deploy.cluster.credentials import Credentials
from deploy.cluster.environment import image_environment
from deploy.cluster.host import Host
from deploy.cluster.init import STATE
from deploy.cluster.plan import MLFLOW_PORT, POSTGRES_PORT, REDIS_PORT
from deploy.cluster.waiting import wait_for

_DATABASES = ("mlflow", "ledger")
_POSTGRES = STATE / "postgres"
_SOCKETS = "/tmp"  # noqa: S108 - the host's own


def required_servers() -> dict[str, str]:
    """Return the servers that the machine must have, by the Debian package that brings them."""
    return {"redis-server": "redis-server", "prometheus": "prometheus", "setpriv": "util-linux"}


def postgres_programs() -> Path:
    """Return the folder with PostgreSQL's server; raises SettingsError where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("initdb")
    if on_path is None:
        raise SettingsError("no PostgreSQL on this machine: install its server (Debian: postgresql)")
    return Path(on_path).parent


def start_redis(host: Host, credentials: Credentials) -> None:
    """Start Redis, its data kept on the host."""
    (host.folder / "redis").mkdir(exist_ok=True)
    lines = {
        "bind": host.address,
        "port": REDIS_PORT,
        "requirepass": credentials.redis,
        "dir": STATE / "redis",
        "appendonly": "yes",
        "maxmemory-policy": "noeviction",
    }
    file = host.folder / "redis.conf"
    file.touch(0o600)
    file.write_text("".join(f"{key} {value}\n" for key, value in lines.items()))
    host.run("redis", ["redis-server", str(STATE / "redis.conf")], image_environment("tools"))


def start_postgres(host: Host, credentials: Credentials) -> None:
    """Start PostgreSQL, with its databases and one user, and wait until they are there."""
    programs, env = postgres_programs(), image_environment("tools")
    folder = host.folder / "postgres"
    fresh = not (folder / "PG_VERSION").exists()
    if fresh:
        folder.mkdir(exist_ok=True)
        shutil.chown(folder, "postgres", "postgres")
        _must(host, [str(programs / "initdb"), "-D", str(_POSTGRES), "-U", "postgres", "-E", "UTF8"], "postgres")
        with (folder / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all loanstream {host.plan.subnet} scram-sha-256\n")
    options = ["-c", f"listen_addresses={host.address}", "-p", str(POSTGRES_PORT), "-k", _SOCKETS]
    host.run("postgres", [str(programs / "postgres"), "-D", str(_POSTGRES), *options], env, user="postgres")
    ready = [str(programs / "pg_isready"), "--quiet", "-h", _SOCKETS, "-p", str(POSTGRES_PORT)]
    wait_for(
        lambda: host.call(ready, env).returncode == 0, 60.0, f"PostgreSQL does not answer; read {host.log('postgres')}"
    )
    if fresh:
        psql = [str(programs / "psql"), "-h", _SOCKETS, "-p", str(POSTGRES_PORT), "-U", "postgres", "-c"]
        _must(host, [*psql, f"CREATE ROLE loanstream LOGIN PASSWORD '{credentials.postgres}'"], "postgres")
        for name in _DATABASES:
            _must(host, [*psql, f"CREATE DATABASE {name} OWNER loanstream"], "postgres")


def start_mlflow(host: Host, credentials: Credentials) -> None:
    """Start MLflow's server on that PostgreSQL; it keeps the models' files."""
    store = f"postgresql+psycopg://loanstream:{credentials.postgres}@{host.address}:{POSTGRES_PORT}/mlflow"
    env = image_environment("mlflow") | {
        "MLFLOW_BACKEND_STORE_URI": store,
        "MLFLOW_SERVER_ALLOWED_HOSTS": f"{host.address}:{MLFLOW_PORT},localhost:{MLFLOW_PORT}",
        "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
    }
    everywhere = "0.0.0.0"  # noqa: S104 - of a host that has one address and is asked for its health by `localhost`
    command = ["mlflow", "server", "--host", everywhere, "--port", str(MLFLOW_PORT), "--workers", "1"]
    artifacts = ["--serve-artifacts", "--artifacts-destination", str(STATE / "artifacts")]
    host.run("mlflow", [*command, *artifacts], env, image="mlflow")


def _must(host: Host, command: list[str], user: str) -> None:
    done = host.call(command, image_environment("tools"), user=user)
    if done.returncode:
        raise StackError(f"{command[0]} failed on {host.name}: {(done.stderr or done.stdout).strip()[-300:]}")
