"""A base with Python 3.11, made by debootstrap where no registry of images can be reached.

It stands for python:3.11-slim-bookworm, and reaches packages as this machine does: by its sources, settings of pip and
certificates. So an image on it is for trying out what the Dockerfile says, on this machine, and not for handing out.
"""

from __future__ import annotations

import configparser
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from credit.errors import SettingsError
from deploy.images.mounted import buildah

BASE = "localhost/loanstream-python:bookworm"
_PACKAGES = "python3,python3-venv,ca-certificates"
_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_SOURCES = ("/etc/apt/sources.list", "/etc/apt/sources.list.d", "/etc/apt/apt.conf.d", "/etc/pip.conf")


def make_base(say: Callable[[str], None]) -> str:
    """Return the base's name, made before where it is not there."""
    if BASE in buildah("images", "--format", "{{.Name}}:{{.Tag}}").split():
        return BASE
    if shutil.which("debootstrap") is None:
        raise SettingsError("debootstrap is missing: install it, or name an image with --base")
    say("making a base of Debian's packages")
    with tempfile.TemporaryDirectory(prefix="images-base-") as folder:
        root = Path(folder) / "root"
        command = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}", "bookworm", str(root)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SettingsError(f"debootstrap: {(done.stderr or done.stdout).strip()[-300:]}")
        _finish(root)
        container = buildah("from", "scratch")
        try:
            buildah("add", container, str(root), "/")
            buildah("config", "--env", "PATH=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin", container)
            buildah("commit", container, BASE)
        finally:
            buildah("rm", container)
    return BASE


def _finish(root: Path) -> None:
    """Name the interpreter as the official image does, and let it reach packages as this machine does."""
    (root / "usr/bin/python").symlink_to("python3")
    for name in _SOURCES:
        source, target = Path(name), root / name.lstrip("/")
        if source.is_dir():
            shutil.copytree(source, target, dirs_exist_ok=True)
        elif source.exists():
            shutil.copyfile(source, target)
    trusted = os.environ.get("SSL_CERT_FILE", str(_AUTHORITIES))
    if Path(trusted).exists():
        shutil.copyfile(trusted, root / str(_AUTHORITIES).lstrip("/"))
    settings = configparser.ConfigParser()
    settings.read("/etc/pip.conf")
    if certificate := settings.get("global", "cert", fallback=""):
        at = root / certificate.lstrip("/")
        at.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(certificate, at)
    for name in ("var/cache/apt", "var/lib/apt/lists"):
        shutil.rmtree(root / name, ignore_errors=True)
        (root / name).mkdir(parents=True)
