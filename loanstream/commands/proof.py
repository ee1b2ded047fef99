"""`reconcile`, `dlq`, `replay`, `rehearse`: proving and repeating what was decided."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loanstream.commands.context import context_of

if TYPE_CHECKING:
    from loanstream.stack.surroundings import Place
    from streaming.proof.replay import ReplayRange
    from streaming.settings import StreamingSettings

REHEARSAL_KEY = "rehearsal-key.pem"
dlq = typer.Typer(help="List, show and retry dead letters.", no_args_is_help=True)

From = Annotated[
    str | None, typer.Option("--from", help="First record: a time (RFC 3339) or offsets as partition:offset,...")
]
To = Annotated[str | None, typer.Option("--to", help="Where to end, that record excluded: a time or offsets.")]
Model = Annotated[str, typer.Option(help="Version number or alias of the model that decides.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(rich_help_panel="Prove")(reconcile)
    app.add_typer(dlq, name="dlq", rich_help_panel="Prove")
    app.command(rich_help_panel="Prove")(replay)
    app.command(rich_help_panel="Prove")(rehearse)


def reconcile(
    ctx: typer.Context,
    repair: Annotated[bool, typer.Option("--repair", help="Decide exactly what is missing.")] = False,
) -> None:
    """Check that every consumed application has exactly one answer; exit code 3 where that is not so."""
    from rich.console import Console

    from loanstream.local_graph import local_graph
    from streaming.proof import reconcile as checks

    place, settings = _stream(ctx)
    console = Console()
    with console.status("reading the topics") as status:
        found = checks.reconcile(settings, progress=status.update)
    console.print(found.line(), highlight=False, soft_wrap=True)
    for name, ranges in (("gap", found.gaps), ("overlap", found.overlaps)):
        for span in ranges:
            console.print(f"{name}: {span.topic} {span.partition}:{span.first} to {span.last}", style="red")
    for decision_id in found.doubled:
        console.print(f"doubled: {decision_id}", style="red")
    if repair and (found.doubled or found.overlaps):
        console.print(
            "what is doubled needs no correction: the same decision id is the same decision, and the first holds"
        )
    if repair and found.gaps:
        with console.status("deciding what is missing") as status:
            answered = checks.repair(settings, found.gaps, local_graph(place, "champion"), progress=status.update)
        console.print(f"{answered:,} applications answered; run `loanstream reconcile` again to see that it holds")
    elif not found.clean:
        raise typer.Exit(3)


@dlq.command("list")
def list_dead_letters(
    ctx: typer.Context,
    code: Annotated[str | None, typer.Option(help="Only those that died of this, such as invalid_fields.")] = None,
) -> None:
    """List the dead letters and what became of those that were retried."""
    from rich.console import Console
    from rich.table import Table

    from streaming.proof.dead_letters import list_letters

    _, settings = _stream(ctx)
    letters = list_letters(settings, code=code)
    console = Console()
    if not letters:
        console.print("no dead letters")
        return
    table = Table(box=None, padding=(0, 1))
    for column in ("letter", "code", "why", "came from", "retried as"):
        table.add_column(column, overflow="fold" if column == "why" else "ellipsis")
    for letter in letters:
        source = f"{letter.source_partition}:{letter.source_offset}"
        table.add_row(str(letter.position), letter.code, letter.detail, source, letter.retried_as or "")
    console.print(table)


@dlq.command("show")
def show_dead_letter(
    ctx: typer.Context, letter: Annotated[str, typer.Argument(help="Its position, as `dlq list` gives it.")]
) -> None:
    """Show one dead letter with its original bytes."""
    from streaming.proof.dead_letters import Position, show_letter

    _, settings = _stream(ctx)
    found = show_letter(settings, Position.parse(letter))
    typer.echo(f"{found.code}: {found.detail}")
    typer.echo(f"from {found.source_topic} {found.source_partition}:{found.source_offset}, key {found.key!r}")
    for name, value in found.headers:
        typer.echo(f"{name}: {value!r}")
    typer.echo(found.value.decode(errors="backslashreplace"))


@dlq.command("retry")
def retry_dead_letters(
    ctx: typer.Context,
    letters: Annotated[list[str] | None, typer.Argument(help="Positions, as `dlq list` gives them.")] = None,
    code: Annotated[str | None, typer.Option(help="Retry all that died of this and were not retried.")] = None,
) -> None:
    """Send dead letters through the same path again, after what killed them was mended."""
    from credit.errors import SettingsError
    from streaming.proof.dead_letters import Position, list_letters, retry_letters

    _, settings = _stream(ctx)
    chosen = [Position.parse(text) for text in letters or []]
    if code:
        chosen += [letter.position for letter in list_letters(settings, code=code) if letter.retried_as is None]
    if not chosen:
        raise SettingsError("nothing to retry: name letters as partition:offset, or a --code that some died of")
    typer.echo(f"{retry_letters(settings, chosen):,} sent again; `loanstream dlq list` shows what becomes of them")


def replay(
    ctx: typer.Context,
    into: Annotated[str, typer.Option(help="A new topic for the decisions; never a live one.")],
    begin: From = None,
    end: To = None,
    model: Model = "champion",
) -> None:
    """Decide a range of the stream again with any model, into a topic of its own, at full speed."""
    from rich.console import Console

    from loanstream.local_graph import local_graph
    from loanstream.terminal.progress import progress_line
    from streaming.proof.replay import replay as decide_again

    place, settings = _stream(ctx)
    console = Console()
    wanted = _range(settings, begin, end)
    with progress_line(console) as report:
        report("loading the model", 0.0)
        decider = local_graph(place, model)
        done = decide_again(settings, wanted, into, decider, progress=lambda n, of: report("deciding", n / max(of, 1)))
    console.print(
        f"{done.applications:,} applications: {done.decisions:,} decisions, {done.dead_letters:,} dead letters in "
        f"{done.topic}, {done.applications / max(done.seconds, 1e-9):,.0f} a second",
        highlight=False,
        soft_wrap=True,
    )


def rehearse(
    ctx: typer.Context,
    begin: From = None,
    end: To = None,
    model: Model = "challenger",
    out: Annotated[Path | None, typer.Option(help="Folder of the report; in the home if not given.")] = None,
) -> None:
    """Compare a candidate with the decisions taken; writes a signed JSON and an HTML report."""
    from rich.console import Console

    from loanstream.local_graph import local_graph
    from loanstream.terminal.progress import progress_line
    from streaming.proof.rehearse import rehearse as compare
    from streaming.proof.report import sign_report, write_report

    place, settings = _stream(ctx)
    console = Console()
    wanted = _range(settings, begin, end)
    with progress_line(console) as report:
        report("loading the model", 0.0)
        candidate = local_graph(place, model)
        found = compare(settings, wanted, candidate, progress=lambda n, of: report("deciding", n / max(of, 1)))
    signed = sign_report(found, place.home.root / REHEARSAL_KEY)
    paths = write_report(signed, out or place.home.root / "rehearsals", f"rehearsal-{model}")
    for name, value in found:
        if isinstance(value, int | float | str):
            console.print(f"{name.replace('_', ' ')}: {value}", highlight=False)
    console.print(f"signed report: {paths[0]}, page: {paths[1]}", highlight=False, soft_wrap=True)


def _stream(ctx: typer.Context) -> tuple[Place, StreamingSettings]:
    from loanstream.stack.surroundings import Place
    from streaming.settings import StreamingSettings

    place = Place.of(context_of(ctx).home)
    return place, StreamingSettings(bootstrap_servers=place.bootstrap)


def _range(settings: StreamingSettings, begin: str | None, end: str | None) -> ReplayRange:
    from streaming.proof.replay import range_of

    from_ms, from_offsets = _bound("--from", begin)
    to_ms, to_offsets = _bound("--to", end)
    return range_of(settings, from_ms=from_ms, to_ms=to_ms, from_offsets=from_offsets, to_offsets=to_offsets)


def _bound(option: str, text: str | None) -> tuple[int | None, dict[int, int] | None]:
    """Read a bound: None, a time in RFC 3339, or offsets as `partition:offset,...`."""
    from datetime import UTC, datetime

    from credit.errors import SettingsError

    if text is None:
        return None, None
    try:
        if "T" in text or "-" in text:
            at = datetime.fromisoformat(text)
            return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000), None
        pairs = (part.split(":") for part in text.split(","))
        return None, {int(partition): int(offset) for partition, offset in pairs}
    except ValueError:
        raise SettingsError(
            f"{option} {text!r} is neither a time such as 2026-01-31T12:00:00Z nor offsets such as 0:100,1:90"
        ) from None
