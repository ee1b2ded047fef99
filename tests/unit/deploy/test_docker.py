"""The Dockerfile and what it copies; images themselves need an engine and are built elsewhere."""

from __future__ import annotations

import fnmatch
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.unit.deploy.files import DOCKERFILE, ROOT

# Continued lines are one instruction.
INSTRUCTIONS = re.sub(r"\\\n\s*", "", DOCKERFILE.read_text()).splitlines()
COPIED = [
    source
    for line in INSTRUCTIONS
    if line.startswith("COPY ") and "--from=" not in line
    for source in line.split()[1:-1]
]
SCRIPTS = (
    "deploy/docker/prepare",
    "deploy/docker/deploy-graph",
    "deploy/docker/install-packages",
    "deploy/docker/install-project",
)
ROLES = ["tools", "mlflow", "monitor", "ledger", "desk", "ray"]


def stages() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in INSTRUCTIONS:
        if started := re.match(r"FROM (\S+) AS (\w+)$", line):
            parent, name = started.groups()
            found[name] = list(found.get(parent, []))
        elif found:
            found[list(found)[-1]].append(line)
    return found


@pytest.mark.parametrize("source", COPIED)
def test_what_is_copied_exists(source: str) -> None:
    """Every path that the Dockerfile copies is there."""
    assert (ROOT / source).exists()


@pytest.mark.parametrize("source", COPIED)
def test_what_is_copied_reaches_the_builder(source: str) -> None:
    """.dockerignore leaves through what the Dockerfile copies."""
    rules = [r for r in (ROOT / ".dockerignore").read_text().splitlines() if r and not r.startswith("#")]
    assert rules[0] == "*", "everything is left out but what is named"
    assert f"!{source}" in rules


@pytest.mark.parametrize(
    "path", [".env", ".git/config", ".loanstream/api-key", "deploy/cluster.env", "tests/conftest.py"]
)
def test_secrets_and_state_do_not(path: str) -> None:
    """No exception of .dockerignore opens a secret, the state or the history."""
    opened = [r[1:] for r in (ROOT / ".dockerignore").read_text().splitlines() if r.startswith("!")]
    assert not any(fnmatch.fnmatch(path, rule) or path.startswith(f"{rule}/") for rule in opened)


def test_every_room_is_copied() -> None:
    """A package that pyproject.toml installs is in the image."""
    listed = re.search(r"packages\.find\.include = \[(.*)\]", (ROOT / "pyproject.toml").read_text())
    assert listed is not None
    rooms = {name.strip(' "*') for name in listed[1].split(",")}
    assert rooms <= set(COPIED)


def test_packages_come_from_the_lock_alone() -> None:
    """Each pip install either demands hashes or installs the project itself, and none resolves anything."""
    scripts = [line for script in SCRIPTS for line in (ROOT / script).read_text().splitlines()]
    installs = [line for line in [*INSTRUCTIONS, *scripts] if '" install ' in line or "pip install" in line]
    assert len(installs) == 2
    for line in installs:
        assert "--no-deps" in line
        assert '--require-hashes -r "$lock"' in line or "--no-build-isolation -e /opt/loanstream" in line


@pytest.mark.parametrize("role", ROLES)
def test_a_role_installs_what_its_list_names(tmp_path: Path, role: str) -> None:
    """Of the lock, an image takes the packages of its role's list, each with its hashes, and no other."""
    (tmp_path / "python").write_text(f"#!/bin/sh\nmkdir -p $VENV/bin && cp {tmp_path}/pip $VENV/bin/pip\n")
    (tmp_path / "pip").write_text(
        f'#!/bin/sh\nfor last; do :; done\n[ -f "$last" ] && cp "$last" {tmp_path}/taken || true\n'
    )
    for name in ("python", "pip"):
        (tmp_path / name).chmod(0o755)
    here = tmp_path / "build"
    here.mkdir()
    for path in ("deploy/docker/install-packages", "requirements.lock"):
        shutil.copy(ROOT / path, here)
    shutil.copytree(ROOT / "deploy/docker/packages", here / "packages")
    env = {"PATH": f"{tmp_path}:/usr/bin:/bin", "VENV": str(tmp_path / "venv")}
    subprocess.run(["sh", "-eu", here / "install-packages", role], check=True, env=env)
    taken = (tmp_path / "taken").read_text()
    named = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", taken, re.M)  # some twice, for another interpreter each
    assert sorted(set(named)) == (ROOT / f"deploy/docker/packages/{role}.txt").read_text().split()
    assert taken.count("--hash=") >= len(named)


@pytest.mark.parametrize("target", ROLES)
def test_a_role_runs_unprivileged_and_can_be_asked(target: str) -> None:
    """The image of a role has a health check and a user who is not root, set after all that needs root."""
    lines = stages()[target]
    users = [i for i, line in enumerate(lines) if line.startswith("USER ")]
    assert [lines[i] for i in users] == ["USER loanstream"]
    assert not any(line.startswith("RUN ") for line in lines[users[0] :])
    assert sum(line.startswith("HEALTHCHECK ") for line in lines) == 1
    assert sum(line.startswith("CMD ") for line in lines) == 1


@pytest.mark.parametrize("script", SCRIPTS)
def test_scripts_are_sound(script: str) -> None:
    """A script of the image is executable, stops at the first error and parses."""
    path = ROOT / script
    assert path.stat().st_mode & 0o111
    assert "\nset -eu\n" in path.read_text()
    subprocess.run(["sh", "-n", str(path)], check=True)
