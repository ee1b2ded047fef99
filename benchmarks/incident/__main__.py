"""A scripted incident on a stack of its own: the right alerts fire, the wrong ones do not, and all recover.

`make incident DATA=dir` starts a stack in a temporary home with free ports and short windows, trains on the tables of
DATA (synthetic ones without), and streams its application_test. Then EXT_SOURCE_2 goes missing for a third of the
applications and incomes are scaled by 1.3; then all is as before. The stack's Prometheus, with the project's rules,
watches. Which alerts are right is computed beforehand from the same rows in one batch. The last line is
`expected=N fired=N unexpected=N unresolved=N`; exit code 1 unless all is as it should be.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.incident.forecast import BOUNDS, Alert, Forecast, forecasts
from benchmarks.incident.intake import Applications, SpoiltIntake
from benchmarks.incident.own_stack import Windows, own_stack, require_prometheus
from benchmarks.incident.stage import Stage, Story
from benchmarks.incident.verdict import Verdict, expected_of
from credit.errors import LoanstreamError, SettingsError
from loanstream.demo.run import ended_by_signals
from loanstream.intake.tables import table_to_stream
from loanstream.stack.actions import Wanted
from loanstream.stack.surroundings import Place

_FORECAST_ROWS = 10_000


def forecast_of(place: Place, applications: Applications, window_rows: int) -> tuple[Forecast, Forecast]:
    """Decide some of the applications with the home's champion, as they are and hurt, and return what they mean."""
    from loanstream.local_graph import MODEL, local_graph
    from monitoring.drift.reference import load_reference
    from monitoring.drift.reference_fetch import subprocess_fetch

    graph = local_graph(place, "champion")
    with tempfile.TemporaryDirectory() as work:
        folder = Path(work) / "model"
        subprocess_fetch(place.tracking_uri, MODEL)("@champion", folder)
        rows = islice(applications, _FORECAST_ROWS)
        return forecasts(load_reference(folder, "champion"), rows, graph.decide, window_rows)


def table_of(story: Story, quiet: Forecast, worse: Forecast) -> Table:
    """Return the measured delays as a table."""
    table = Table(title="from cause to alert, and from its end to recovery", title_justify="left")
    for name in (
        "alert",
        "bound",
        "before",
        "forecast",
        "in the incident",
        "pending after",
        "fires after",
        "resolved after",
    ):
        table.add_column(name, justify="left" if name == "alert" else "right", no_wrap=name == "alert")

    def seconds(value: float | None) -> str:
        return "–" if value is None else f"{value:.0f} s"

    alerts: set[Alert] = set(story.verdict.expected) | {a for a in story.worse.fired if a not in quiet.possible}
    for alert in sorted(alerts):
        table.add_row(
            " ".join(alert).strip(),
            f"{BOUNDS[alert[0]]:.2f}" if alert[0] in BOUNDS else "–",
            _value(story.value_before.get(alert)),
            _value(worse.value(alert) if alert in worse.figures else None),
            _value(story.value_worse.get(alert)),
            seconds(story.worse.pending.get(alert)),
            seconds(story.worse.fired.get(alert)),
            seconds(story.after.resolved.get(alert)),
        )
    return table


def _value(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def report(console: Console, verdict: Verdict) -> None:
    """Print what is not as it should be, and the line."""
    missing = verdict.expected - verdict.fired
    for name, alerts in (
        ("not fired", missing),
        ("unexpected", verdict.unexpected),
        ("unresolved", verdict.unresolved),
    ):
        for alert in sorted(alerts):
            console.print(f"{name}: {' '.join(alert).strip()}", highlight=False)
    for fault in verdict.faults:
        console.print(f"fault: {fault}", highlight=False)
    sys.stdout.write(verdict.line() + "\n")
    sys.stdout.flush()


def play(options: argparse.Namespace, console: Console) -> Verdict:
    """Start the stack, play the incident on it, stop it, and return the verdict."""
    require_prometheus()
    windows = Windows(options.window, 2 * options.window)
    begin = time.monotonic()

    def say(text: str) -> None:
        console.print(f"[dim]{time.monotonic() - begin:6.0f} s[/dim]  {text}", highlight=False, soft_wrap=True)

    if options.data is None:
        say("no DATA given: synthetic tables; `make incident DATA=dir` takes Home Credit's")
    with own_stack(options.home, Wanted(options.data), windows, console) as place:
        table = table_to_stream(options.data or place.home.data)
        applications = Applications(table)
        quiet, worse = forecast_of(place, applications, round(options.rate * options.window))
        expected = expected_of(quiet, worse)
        if not expected:
            raise SettingsError(f"{table} and this model leave no alert to expect; name another folder with DATA=dir")
        say(
            f"status page http://127.0.0.1:{place.ports.metrics}/  Prometheus http://127.0.0.1:{place.ports.prometheus}/"
        )
        for alert in sorted(expected):
            say(f"to be expected: {' '.join(alert).strip()} ({quiet.value(alert):.3f} -> {worse.value(alert):.3f})")
        intake = SpoiltIntake(place.bootstrap, applications, options.rate)
        try:
            story = Stage(place, windows, intake, quiet, worse, say).play(options.rate)
        finally:
            intake.stop()
        say(f"{intake.sent:,} applications sent")
        console.print(table_of(story, quiet, worse))
    return story.verdict


def main() -> int:
    """Run the incident and print the verdict."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder of Home Credit's tables; synthetic ones if not given")
    parser.add_argument(
        "--home", type=Path, help="home to start the stack in, kept afterwards; a temporary one if not given"
    )
    parser.add_argument("--rate", type=float, default=60.0, help="applications a second")
    parser.add_argument(
        "--window", type=int, default=90, help="the monitor's short window, seconds; the medium is twice it"
    )
    options = parser.parse_args()
    console = Console(width=None if sys.stdout.isatty() else 150)
    try:
        if options.rate * options.window < 1000:
            raise SettingsError("a window needs 1,000 applications to say something: raise --rate or --window")
        with ended_by_signals():
            verdict = play(options, console)
    except LoanstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("ended before the verdict; its stack is stopped\n")
        return 130
    report(console, verdict)
    return 0 if verdict.good else 1


if __name__ == "__main__":
    sys.exit(main())
