"""The fault suite in short: real Kafka, real Ray, a seed, and nothing lost, doubled or left out."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.integration, pytest.mark.timeout(900)]

LAST_LINE = re.compile(r"faults=(\d+) applications=(\d+) lost=(\d+) doubled=(\d+) gaps=(\d+)")


def run_suite(*arguments: str) -> tuple[int, list[int], str]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.run", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=850,
        env=os.environ | {"RAY_USAGE_STATS_ENABLED": "0"},
    )
    output = done.stdout + done.stderr[-3000:]
    last = LAST_LINE.fullmatch(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else None
    assert last is not None, output
    return done.returncode, [int(number) for number in last.groups()], output


def test_faults_in_random_order_lose_and_double_nothing() -> None:
    """Nine kinds of fault, dealt by a seed: each of 3,000 applications has one answer."""
    kinds = "kill a gateway,pause a gateway,kill a graph replica,pause the broker,kill the broker,rebalance,scale up,"
    code, numbers, output = run_suite(
        "--seed", "11", "--faults", "9", "--applications", "3000", "--only", kinds + "rolling update,late requests"
    )
    assert numbers == [9, 3000, 0, 0, 0], output
    assert code == 0, output


def test_nor_does_the_graph_in_the_gateways_own_process() -> None:
    """The fused placement: what kills a gateway kills its graph, and each of 2,500 applications has one answer."""
    kinds = "kill a gateway,pause a gateway,kill the broker,rebalance,rolling update,graph away,graph slow"
    code, numbers, output = run_suite(
        "--seed", "12", "--faults", "7", "--applications", "2500", "--only", kinds, "--graph", "fused"
    )
    assert numbers == [7, 2500, 0, 0, 0], output
    assert code == 0, output


@pytest.mark.slow
def test_the_suite_catches_a_commit_before_the_flush() -> None:
    """With the planted bug and a pausing broker the same suite ends with 1 and counts what was lost."""
    code, numbers, output = run_suite(
        "--seed", "1", "--faults", "6", "--applications", "4000", "--only", "pause the broker", "--planted-bug"
    )
    assert numbers[2] > 0, output
    assert code == 1, output
