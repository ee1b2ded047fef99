"""The three acts: the stream as it is, the incident, and recovery; what fired when, and whether it shows everywhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from benchmarks.incident.evidence import in_report, newest_report, not_shown, on_page, watched
from benchmarks.incident.forecast import Alert, Forecast
from benchmarks.incident.intake import SpoiltIntake
from benchmarks.incident.own_stack import Windows
from benchmarks.incident.prometheus import Act, Prometheus, Watch
from benchmarks.incident.verdict import Verdict, expected_of, verdict
from credit.errors import StackError
from loanstream.stack.surroundings import Place
from monitoring.drift.feature_drift import MIN_ROWS

_LOOK_S = 1.0
_START_S = 300.0
# The longest `for` of a rule on the medium window, two evaluations, and a scrape.
_RULE_S = 120.0 + 2 * 15.0 + 5.0
_WARM_RATE = 2.0
_WARM_DECISIONS = 6


@dataclass
class Story:
    """What an incident showed: per alert on a feature the value before and during, and the acts with their times."""

    quiet: Act
    worse: Act
    after: Act
    value_before: dict[Alert, float]
    value_worse: dict[Alert, float]
    verdict: Verdict
    rates: dict[str, float] = field(default_factory=dict)


class Stage:
    """Plays an incident on a running stack; `say` is told what happens."""

    def __init__(
        self,
        place: Place,
        windows: Windows,
        intake: SpoiltIntake,
        quiet: Forecast,
        worse: Forecast,
        say: Callable[[str], None],
    ) -> None:
        self._place, self._windows, self._intake, self._say = place, windows, intake, say
        self._quiet, self._worse = quiet, worse
        self._expected = expected_of(quiet, worse)
        self._prometheus = Prometheus(place.ports.prometheus)
        self._watch = Watch(self._prometheus)

    def play(self, rate: float) -> Story:
        """Run the acts and return the story; raises StackError where the stack does not decide."""
        self._warm_up(rate)
        quiet = self._quiet_act()
        value_before = watched(self._prometheus)
        worse, value_worse, faults = self._worse_act()
        after = self._recovery()
        result = verdict(
            self._quiet, self._worse, set(quiet.fired), set(worse.fired) | set(after.fired), self._watch.firing
        )
        result.faults.extend(faults)
        return Story(quiet, worse, after, value_before, value_worse, result)

    def _warm_up(self, rate: float) -> None:
        # A cold graph takes seconds for its first applications: few of them, or they spend the latency's error budget.
        self._intake.rate = _WARM_RATE
        self._intake.start()
        # Counted since the monitor's start: a home that is used again has windows full of its last incident.
        counted = 'sum(loanstream_decisions_total{door="kafka"})'
        self._until(lambda: self._prometheus.value(counted) >= _WARM_DECISIONS, _START_S, "the first decisions")
        self._intake.rate = rate
        held = 'sum(loanstream_window_decisions_count{window="short"})'
        self._until(lambda: self._prometheus.value(held) >= MIN_ROWS, _START_S, f"{MIN_ROWS} decisions in a window")
        self._say(f"{MIN_ROWS} decisions in the short window; applications come at {rate:.0f} a second")

    def _quiet_act(self) -> Act:
        act = self._watch.begin()
        settle = self._windows.medium + 45
        self._say(
            f"the stream as it is, for {settle} s: windows of {self._windows.short} and {self._windows.medium} s fill"
        )
        # What differs between table and training rows from the start has its alert before the incident begins.
        self._while(
            lambda: act.seconds < settle or (act.seconds < settle + 120 and not self._quiet.certain <= set(act.fired))
        )
        self._say(f"firing before: {_names(act.fired, self._quiet.possible)}")
        return act

    def _worse_act(self) -> tuple[Act, dict[Alert, float], list[str]]:
        self._intake.hurting.set()
        act, began = self._watch.begin(), time.time()
        self._say("EXT_SOURCE_2 goes missing for a third of the applications, incomes are scaled by 1.3")
        # Every window is hurt to its end, so that a wrong alert has its chance too.
        whole = self._windows.medium + _RULE_S
        reports = self._place.home.root / "monitor" / "reports"

        def shows() -> bool:
            found = newest_report(reports, began + self._windows.medium)
            return found is not None and self._expected <= set(act.fired)

        self._while(lambda: act.seconds < whole or (act.seconds < whole + 180 and not shows()), tell=act)
        value = watched(self._prometheus)
        faults = not_shown(self._expected, "in the metrics", value)
        faults += not_shown(self._expected, "on the status page", on_page(self._place.ports.metrics))
        report = newest_report(reports, began + self._windows.medium)
        faults += not_shown(self._expected, "in the Evidently report", in_report(report) if report else {})
        self._say(f"shown in metrics, report and page: {'yes' if not faults else 'no'}")
        return act, value, faults

    def _recovery(self) -> Act:
        self._intake.hurting.clear()
        act = self._watch.begin()
        self._say("all is as before")
        known = self._quiet.possible
        clean = self._windows.medium + _RULE_S
        self._while(
            lambda: act.seconds < 2 * clean and not (act.seconds > self._windows.medium and self._watch.firing <= known)
        )
        self._say(f"firing at the end: {_names(self._watch.firing, known)}")
        return act

    def _until(self, holds: Callable[[], bool], timeout_s: float, what: str) -> None:
        end = time.monotonic() + timeout_s
        self._while(lambda: time.monotonic() < end and not holds())
        if not holds():
            raise StackError(
                f"the stack did not show {what} within {timeout_s:.0f} s; its logs are in {self._place.home.logs}"
            )

    def _while(self, goes_on: Callable[[], bool], tell: Act | None = None) -> None:
        told: set[Alert] = set()
        while goes_on():
            if self._intake.error is not None:
                raise StackError(f"applications cannot be sent: {self._intake.error}")
            self._watch.look()
            for alert in sorted(set(tell.fired) - told if tell else ()):
                told.add(alert)
                if alert in self._expected or alert not in self._quiet.possible:
                    self._say(f"  {' '.join(alert).strip()} fires")
            time.sleep(_LOOK_S)


def _names(alerts: Iterable[Alert], known: AbstractSet[Alert]) -> str:
    """Say what fires: known differences of the table as a number, all else by name."""
    fires = set(alerts)
    said = [" ".join(alert).strip() for alert in sorted(fires - known)]
    if fires & known:
        said.insert(0, f"{len(fires & known)} on how the table differs from training")
    return ", ".join(said) or "nothing"
