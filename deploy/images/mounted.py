"""The images of deploy/docker, mounted on this machine, so that a cluster's programs run out of them.

They are built and mounted by buildah, which needs no engine: `python -m deploy.images build`.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from credit.errors import SettingsError
from deploy.project import IN_IMAGE, PROJECT

ROLES = ("ray", "mlflow", "monitor", "ledger", "desk", "tools")
_FILE = "images.json"
# What a program finds at these places is its host's; in an image they may be missing.
_PLACES = ("/tables",)
_FILES = ("/etc/hosts", "/etc/resolv.conf", "/etc/hostname")


@dataclass(frozen=True, slots=True)
class MountedImage:
    """An image's files at `root`, and what it says of itself; container: buildah's name of the mount."""

    role: str
    container: str
    root: str
    user_id: int
    folder: str
    variables: dict[str, str]
    health: list[str]

    def enter(self, command: list[str]) -> list[str]:
        """Return the command by which a host runs a program out of this image."""
        program = [command[0].replace(str(PROJECT), IN_IMAGE), *command[1:]]
        wrapper = str(PROJECT / "deploy/images/in_image.py")
        return ["/usr/bin/env", "python3", "-I", wrapper, self.root, str(self.user_id), self.folder, *program]

    def environment(self, env: dict[str, str]) -> dict[str, str]:
        """Return a program's variables: the image's own where it needs its own paths, else those that are given."""
        return self.variables | env | {"PATH": self.variables["PATH"], "HOME": "/home/loanstream"}


def name_of(role: str) -> str:
    """Return the image's name with its version, as docker-compose.yml has it."""
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]["version"]
    return f"loanstream/{role}:{version}"


def mount_all(home: Path) -> None:
    """Mount the image of every role and note where; SettingsError where one is not built."""
    require_buildah()
    mounted = [asdict(_mounted(role)) for role in ROLES]
    (home / _FILE).write_text(json.dumps(mounted))


def mounted(home: Path) -> dict[str, MountedImage]:
    """Return role -> its mounted image; nothing where the cluster runs out of this folder instead."""
    try:
        return {image["role"]: MountedImage(**image) for image in json.loads((home / _FILE).read_bytes())}
    except OSError:
        return {}


def unmount_all(home: Path) -> None:
    """Take every mount away; the images stay."""
    for image in mounted(home).values():
        with contextlib.suppress(SettingsError):
            buildah("rm", image.container)
    (home / _FILE).unlink(missing_ok=True)


def require_buildah() -> None:
    """Check that images can be built and mounted here; raises SettingsError that says what lacks."""
    if shutil.which("buildah") is None:
        raise SettingsError("buildah is missing: install it (Debian: apt-get install buildah)")


def buildah(*arguments: str) -> str:
    """Run buildah and return what it printed; raises SettingsError with its last words."""
    # Images as folders that lie over one another, and no daemon: what root can have anywhere.
    env = {"STORAGE_DRIVER": "overlay", "BUILDAH_ISOLATION": "chroot"} | os.environ
    done = subprocess.run(["buildah", *arguments], capture_output=True, text=True, check=False, env=env)
    if done.returncode:
        raise SettingsError(f"buildah {' '.join(arguments[:2])}: {done.stderr.strip()[-300:]}")
    return done.stdout.strip()


def described(role: str) -> dict[str, Any]:
    """Return what an image says of itself: Docker's configuration of it."""
    try:
        loaded = json.loads(buildah("inspect", "--type", "image", f"localhost/{name_of(role)}"))
    except SettingsError:
        raise SettingsError(f"no image {name_of(role)} here: build it with `python -m deploy.images build`") from None
    config: dict[str, Any] = loaded["Docker"]["config"]
    return config


def _mounted(role: str) -> MountedImage:
    config = described(role)
    container = buildah("from", "--pull-never", f"localhost/{name_of(role)}")
    root = Path(buildah("mount", container))
    for place in _PLACES:
        Path(f"{root}{place}").mkdir(exist_ok=True)
    for file in _FILES:
        Path(f"{root}{file}").touch()
    return MountedImage(
        role,
        container,
        str(root),
        _user_id(root, config["User"]),
        config["WorkingDir"],
        dict(line.split("=", 1) for line in config["Env"]),
        _health(config),
    )


def _health(config: dict[str, Any]) -> list[str]:
    kind, *words = config["Healthcheck"]["Test"]
    return words if kind == "CMD" else ["sh", "-c", *words]


def _user_id(root: Path, user: str) -> int:
    """Return the number of a user that an image names."""
    for line in (root / "etc/passwd").read_text().splitlines():
        name, _, number, *_ = line.split(":")
        if name == user:
            return int(number)
    return int(user)
