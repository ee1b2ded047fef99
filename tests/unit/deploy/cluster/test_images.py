"""Running a cluster's programs out of images: what is made of a command and its variables."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from credit.errors import StackError
from deploy.cluster.clocks import wrong_clock
from deploy.cluster.host import Host
from deploy.cluster.plan import ClusterPlan
from deploy.images.mounted import ROLES, MountedImage, mounted, name_of
from deploy.project import IN_IMAGE, PROJECT
from tests.unit.deploy.files import DOCKERFILE, ROOT

IMAGE = MountedImage(
    "tools",
    "one",
    "/images/tools",
    10001,
    "/var/lib/loanstream",
    {"PATH": "/opt/venv/bin:/bin", "A": "image"},
    ["true"],
)


def test_the_roles_are_those_of_the_dockerfile() -> None:
    text = DOCKERFILE.read_text()
    assert all(f"\nFROM base AS {role}\n" in text for role in ROLES)
    assert text.count("\nFROM base AS ") == len(ROLES)
    assert all(f"image: {name_of(role)}\n" in (ROOT / "docker-compose.yml").read_text() for role in ROLES)


def test_a_script_of_the_project_is_the_images_own() -> None:
    """What stands in this folder is found in the image's."""
    command = IMAGE.enter([str(PROJECT / "deploy/docker/prepare"), "once"])
    assert command[-2:] == [f"{IN_IMAGE}/deploy/docker/prepare", "once"]
    assert command[command.index("/images/tools") + 1] == "10001"


def test_variables_are_the_clusters_but_for_the_images_own_path() -> None:
    env = IMAGE.environment({"PATH": "/srv/project/.venv/bin", "A": "cluster", "B": "2"})
    assert env == {"PATH": "/opt/venv/bin:/bin", "A": "cluster", "B": "2", "HOME": "/home/loanstream"}


def test_what_is_mounted_is_read_back(tmp_path: Path) -> None:
    assert mounted(tmp_path) == {}
    (tmp_path / "images.json").write_text(json.dumps([asdict(IMAGE)]))
    assert mounted(tmp_path) == {"tools": IMAGE}


def test_a_clock_is_right_or_wrong_by_what_was_said(tmp_path: Path) -> None:
    """A clock is kept per host, for whatever is started there afterwards."""
    plan = ClusterPlan()
    host = Host(plan, plan.ray_workers[0], tmp_path)
    assert host.clock_offset_s == 0.0
    host.set_clock(-120.0)
    assert Host(plan, plan.ray_workers[0], tmp_path).clock_offset_s == -120.0
    host.set_clock(0.0)
    assert host.clock_offset_s == 0.0
    assert wrong_clock(0.0, ["java"]) == {}


def test_a_clock_cannot_be_wrong_in_an_image(tmp_path: Path) -> None:
    plan = ClusterPlan()
    (tmp_path / "images.json").write_text(json.dumps([asdict(IMAGE)]))
    with pytest.raises(StackError, match="images"):
        Host(plan, plan.ray_workers[0], tmp_path).set_clock(60.0)


def test_python_by_a_wrong_clock(tmp_path: Path) -> None:
    """A program of Python's reads it by either function, and measures spans as ever."""
    code = "import time; print(time.time(), time.time_ns(), time.monotonic())"
    right = [time.time(), time.monotonic()]
    env = wrong_clock(-600.0, ["ray", "start"])
    said = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True).stdout
    seconds, nanoseconds, span = map(float, said.split())
    for read in (seconds, nanoseconds / 1e9):
        assert -600.0 <= read - right[0] < -300.0
    assert 0.0 <= span - right[1] < 300.0
