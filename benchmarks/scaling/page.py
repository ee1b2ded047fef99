"""The tables of docs/scaling.md, between their markers, from the figures, the model and what was simulated."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks.scaling.measured import OneCore, digest
from benchmarks.scaling.model import BROKER_CORES, Needs, gateway_rate, needs
from benchmarks.scaling.simulation import Cluster, Simulated, simulate

RATES = (100, 1_000, 10_000, 100_000)
SIMULATED = Path(__file__).with_name("simulated.json")
_SECONDS = 20.0
# Decisions a second, p50 and p99 that `make bench` measured on two cores that sender, reader and everything else share.
MEASURED_HERE = ((417, 102, 530), (1_043, 75, 211), (2_086, 242, 545), (3_337, 366, 747))
# The gateway alone, the sender and the reader beside it: `make bench-stream`, and one at 1,800 a second.
MEASURED_ALONE = ((1_800, 45),)


def clusters(measured: OneCore) -> dict[str, Cluster]:
    """Return what is simulated, by a name: the machine that was measured, each size, and what goes wrong in it."""
    found = {
        f"here {rate}": Cluster(rate, 1, 1, 1, 1, 20.0, shared_cores=2)
        for rate in (*(rate for rate, _, _ in MEASURED_HERE), *(rate for rate, _ in MEASURED_ALONE))
    }
    for rate in RATES:
        need = needs(measured, rate)
        of_size = Cluster(rate, need.gateways, need.brokers, BROKER_CORES, seconds=_SECONDS)
        found[f"size {rate}"] = of_size
        found[f"killed {rate}"] = replace(of_size, killed_at=4.0)
        fewest = max(1, round(rate / (0.8 * gateway_rate(measured))))
        if fewest > 1:  # one alone is not that busy
            found[f"eight tenths {rate}"] = replace(of_size, gateways=fewest)
        if need.gateways > 2:
            found[f"skewed {rate}"] = replace(of_size, skew=0.6 / need.gateways)
    return found


def run_simulations(measured: OneCore, file: Path = SIMULATED) -> None:
    """Simulate all and write what came of it, with the digest of the figures that it came from."""
    came = {name: asdict(simulate(cluster, measured)) for name, cluster in clusters(measured).items()}
    said = {"figures": digest(), "clusters": {n: asdict(c) for n, c in clusters(measured).items()}, "results": came}
    file.write_text(json.dumps(said, indent=1) + "\n")


def read_simulations(measured: OneCore, file: Path = SIMULATED) -> dict[str, Simulated]:
    """Return what was simulated; raises ValueError where it came from other figures or of other clusters."""
    said: dict[str, Any] = json.loads(file.read_text())
    if said["figures"] != digest() or said["clusters"] != {n: asdict(c) for n, c in clusters(measured).items()}:
        raise ValueError("benchmarks/scaling/simulated.json is of other figures: run `make scaling ARGS=--simulate`")
    return {name: Simulated(**one) for name, one in said["results"].items()}


def tables(measured: OneCore, simulated: dict[str, Simulated]) -> dict[str, str]:
    """Return each table of the page by its name."""
    sizes = [needs(measured, rate) for rate in RATES]
    return {
        "measured": _measured(measured),
        "needs": _by_rate(sizes, _NEEDS),
        "bytes": _by_rate(sizes, _BYTES),
        "set": _by_rate(sizes, _SET),
        "here": _here(simulated),
        "simulated": _simulated(measured, simulated),
    }


def rewritten(page: str, found: dict[str, str]) -> str:
    """Return the page with each table between its markers made anew; raises ValueError where one has no place."""
    for name, table in found.items():
        begin, end = f"<!-- table: {name} -->", f"<!-- end of {name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if not pattern.search(page):
            raise ValueError(f"the page has no place for {name}: put {begin} and {end} into it")
        before, after = pattern.split(page, maxsplit=1)
        page = f"{before}{begin}\n{table}\n{end}{after}"
    return page


def _measured(measured: OneCore) -> str:
    lines = ["| what | figure | again by |", "|---|---:|---|"]
    for name in OneCore.__slots__:
        figure = getattr(measured, name)
        lines.append(f"| {figure.what} | {figure.value:,g} {figure.unit} | `{figure.again}` |")
    return "\n".join(lines)


_Line = tuple[str, Callable[[Needs], str]]


def cores(value: float) -> str:
    """Return cores as people read them: two digits where there are few."""
    return f"{value:.2f}" if value < 1 else f"{value:,.1f}"


def size(value: float) -> str:
    """Return bytes with a unit of ten."""
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000:
            return f"{value:,.3g} {unit}"
        value /= 1000
    return f"{value:,.3g} PB"


def _filled(value: float) -> str:
    return f"{100 * value:.0f} %" if value <= 1 else f"**{value:.1f} times**"


_NEEDS: tuple[_Line, ...] = (
    ("gateways, half busy", lambda n: f"{n.gateways:,}"),
    ("cores used: gateways", lambda n: cores(n.gateway_cores)),
    ("brokers, records on three", lambda n: cores(n.broker_cores)),
    ("Redis", lambda n: cores(n.redis_cores)),
    ("monitor", lambda n: cores(n.monitor_cores)),
    ("ledger's sink", lambda n: cores(n.sink_cores)),
    ("all of these", lambda n: cores(n.cores)),
    ("the doors, had all come by HTTP", lambda n: cores(n.http_cores)),
    ("of what one monitor can do", lambda n: _filled(n.monitors)),
    ("of what one ledger can do", lambda n: _filled(n.sinks)),
)
_BYTES: tuple[_Line, ...] = (
    ("into Kafka, a second", lambda n: size(n.kafka_in)),
    ("out of Kafka to readers, a second", lambda n: size(n.kafka_out)),
    ("between brokers, a second", lambda n: size(n.kafka_copied)),
    ("on the brokers' disks at the end of retention", lambda n: size(n.kafka_kept)),
    ("out of Redis, a second", lambda n: size(n.redis_out)),
    ("ledger, a day", lambda n: size(n.ledger_day)),
    ("ledger, a year", lambda n: size(365 * n.ledger_day)),
)
_SET: tuple[_Line, ...] = (
    ("`LOANSTREAM_PARTITIONS`", lambda n: f"{n.partitions:,}"),
    ("`LOANSTREAM_GATEWAY_MAX_REPLICAS`", lambda n: f"{2 * n.gateways:,}"),
    (f"brokers of {BROKER_CORES} cores", lambda n: f"{n.brokers:,}"),
)


def _by_rate(sizes: list[Needs], lines: tuple[_Line, ...]) -> str:
    head = [
        "| decisions a second | " + " | ".join(f"{one.rate:,}" for one in sizes) + " |",
        "|---" + "|---:" * len(sizes) + "|",
    ]
    return "\n".join([*head, *(f"| {what} | " + " | ".join(map(say, sizes)) + " |" for what, say in lines)])


def _here(simulated: dict[str, Simulated]) -> str:
    lines = [
        "| decisions a second | measured p50, p99 ms | simulated | p50, measured by simulated |",
        "|---:|---:|---:|---:|",
    ]
    for rate, p50, p99 in MEASURED_HERE:
        one = simulated[f"here {rate}"]
        lines.append(f"| {rate:,} | {p50}, {p99} | {one.p50_ms:.0f}, {one.p99_ms:.0f} | {p50 / one.p50_ms:.1f} |")
    for rate, p50 in MEASURED_ALONE:
        one = simulated[f"here {rate}"]
        lines.append(
            f"| {rate:,}, gateway alone | {p50} | {one.p50_ms:.0f}, {one.p99_ms:.0f} | {p50 / one.p50_ms:.1f} |"
        )
    return "\n".join(lines)


_KINDS = (
    ("size", "as above"),
    ("skewed", "one gateway has 1.6 times its share"),
    ("eight tenths", "gateways eight tenths busy"),
    ("killed", "one gateway killed"),
)


def _simulated(measured: OneCore, simulated: dict[str, Simulated]) -> str:
    columns = ("a second", "what", "gateways", "p50 ms", "p99 ms", "worst ms", "brokers busy", "micro-batch")
    head = f"| {' | '.join((*columns, 'later than 5 s', 'ledger behind after 20 s'))} |"
    lines = [head, "|---:|---|" + "---:|" * 8]
    planned = clusters(measured)
    for rate in RATES:
        for kind, what in _KINDS:
            name = f"{kind} {rate}"
            if name not in simulated:
                continue
            one = simulated[name]
            times = f"{one.p50_ms:,.0f} | {one.p99_ms:,.0f} | {one.worst_ms:,.0f}"
            rest = f"{100 * one.broker_busy:.0f} % | {one.mean_batch:.0f} | {one.late:,} | {one.sink_behind:,}"
            lines.append(f"| {rate:,} | {what} | {planned[name].gateways} | {times} | {rest} |")
    return "\n".join(lines)
