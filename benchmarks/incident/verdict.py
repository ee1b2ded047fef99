"""The verdict on an incident."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from benchmarks.incident.forecast import Alert, Forecast


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an incident showed: the expected alerts, those of them that fired, wrong ones, and those that stayed.

    faults: what else is not as it should be, a sentence each.
    """

    expected: frozenset[Alert]
    fired: frozenset[Alert]
    unexpected: frozenset[Alert]
    unresolved: frozenset[Alert]
    faults: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        return self.fired == self.expected and not (self.unexpected or self.unresolved or self.faults)

    def line(self) -> str:
        """Return the incident's last line."""
        counts = {name: len(getattr(self, name)) for name in ("expected", "fired", "unexpected", "unresolved")}
        return " ".join(f"{name}={count}" for name, count in counts.items())


def expected_of(quiet: Forecast, worse: Forecast) -> frozenset[Alert]:
    """Return the alerts that the incident has to raise: those that the stream alone cannot raise before it."""
    return worse.certain - quiet.possible


def verdict(
    quiet: Forecast,
    worse: Forecast,
    before: AbstractSet[Alert],
    later: AbstractSet[Alert],
    end: AbstractSet[Alert],
) -> Verdict:
    """Judge the alerts that fired before the incident, from its beginning on, and that still fire at the end.

    Alerts on known differences between the table and the training rows may fire at any time; any other alert before
    the incident is a wrong one, and so is one during it that the batch computation does not warrant.
    """
    expected = expected_of(quiet, worse)
    known, warranted = quiet.possible, quiet.possible | worse.possible
    silent = quiet.certain - before
    faults = [
        f"{' '.join(alert).strip()} did not fire, though the table differs from training" for alert in sorted(silent)
    ]
    return Verdict(
        expected,
        expected & (frozenset(later) - before),
        (frozenset(before) - known) | (frozenset(later) - before - warranted),
        frozenset(end) - known,
        faults,
    )
