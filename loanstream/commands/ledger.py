"""`decisions` and `review`: what the ledger holds, and people's decisions, by its HTTP API."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from loanstream.commands.context import context_of

if TYPE_CHECKING:
    from loanstream.ledger_api import LedgerApi

decisions = typer.Typer(help="Decisions kept in the ledger.", no_args_is_help=True)
review = typer.Typer(help="The queue of people's reviews.", no_args_is_help=True)

Limit = Annotated[int, typer.Option(help="Most rows.", min=1, max=500)]
AsJson = Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")]
ReviewId = Annotated[str, typer.Argument(help="The review's id, as `review list` gives it.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(decisions, name="decisions", rich_help_panel="Ledger")
    app.add_typer(review, name="review", rich_help_panel="Ledger")


@decisions.command("list")
def list_decisions(
    ctx: typer.Context,
    client: Annotated[int | None, typer.Option(help="SK_ID_CURR of a client.")] = None,
    outcome: Annotated[str | None, typer.Option(help="approve, refer or decline.")] = None,
    begin: Annotated[str | None, typer.Option("--from", help="Decided at or after: RFC 3339.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Decided before: RFC 3339.")] = None,
    points_from: Annotated[int | None, typer.Option(help="Lowest score points.")] = None,
    points_to: Annotated[int | None, typer.Option(help="Highest score points.")] = None,
    model_version: Annotated[str | None, typer.Option(help="Version that decided.")] = None,
    door: Annotated[str | None, typer.Option(help="kafka, http or replay.")] = None,
    mode: Annotated[str | None, typer.Option(help="full, history_unavailable, ...")] = None,
    reason: Annotated[str | None, typer.Option(help="Code among the reasons, such as R07.")] = None,
    reviewed: Annotated[bool | None, typer.Option("--reviewed/--not-reviewed", help="Whether a review closed.")] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List decisions, newest first."""
    asked = _asked(client, outcome, begin, end, points_from, points_to, model_version, door, mode, reason, reviewed)
    rows = _api(ctx).decisions(asked, limit)
    if as_json:
        _print_json(rows)
        return
    columns = {
        "decided": lambda row: _time(row["decided_at"]),
        "decision": lambda row: row["decision_id"],
        "outcome": lambda row: row["outcome"],
        "default": lambda row: f"{100 * row['probability_of_default']:.1f} %",
        "points": lambda row: str(row["score_points"]),
        "reasons": lambda row: " ".join(row["reasons"]),
    }
    _print_table(rows, columns)


@decisions.command("show")
def show_decision(
    ctx: typer.Context, decision_id: Annotated[str, typer.Argument(help="The decision's id.")], as_json: AsJson = False
) -> None:
    """Show the whole receipt of a decision; the access is logged."""
    receipt = _api(ctx).receipt(decision_id)
    if as_json:
        _print_json(receipt)
        return
    outcome = receipt["outcome"]
    final = receipt["final_outcome"]
    typer.echo(f"{outcome.upper()}{'' if final == outcome else f', after review {final.upper()}'}  {decision_id}")
    if receipt["erased"]:
        typer.echo("the client was erased: what was personal can be read no more")
    else:
        typer.echo(f"application {receipt['application_id']}, client {receipt['sk_id_curr']}")
    model = receipt["model"]
    typer.echo(
        f"probability of default {100 * receipt['probability_of_default']:.1f} %, {receipt['score_points']} points, "
        f"decided {_time(receipt['decided_at'])} by {model['name']} v{model['version']}, mode {receipt['mode']}"
    )
    for told in receipt["reasons"]:
        value = "" if told["feature"] is None else f"  ({told['feature']} = {told['value']})"
        typer.echo(f"  {told['code']} {told['text']}{value}")
    source = receipt["source"]
    typer.echo(f"audit record {source['audit_topic']} {source['audit_partition']}:{source['audit_offset']}")
    for one in receipt["reviews"]:
        typer.echo(f"review {one['review_id']}: {one['cause']}, {one['state']} {one['verdict'] or ''}".rstrip())


@decisions.command("export")
def export_decisions(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option(help="File to write; its ending says how: .csv, .jsonl or .parquet.")],
    client: Annotated[int | None, typer.Option(help="SK_ID_CURR of a client.")] = None,
    outcome: Annotated[str | None, typer.Option(help="approve, refer or decline.")] = None,
    begin: Annotated[str | None, typer.Option("--from", help="Decided at or after: RFC 3339.")] = None,
    end: Annotated[str | None, typer.Option("--to", help="Decided before: RFC 3339.")] = None,
    reason: Annotated[str | None, typer.Option(help="Code among the reasons, such as R07.")] = None,
) -> None:
    """Write all decisions under filters into a file."""
    asked = _asked(client, outcome, begin, end, None, None, None, None, None, reason, None)
    size = _api(ctx).export(asked, out)
    typer.echo(f"{out}: {size:,} bytes")


@review.command("list")
def list_reviews(
    ctx: typer.Context,
    state: Annotated[str | None, typer.Option(help="open, taken, proposed or closed.")] = None,
    cause: Annotated[str | None, typer.Option(help="referral, contest or sample.")] = None,
    mine: Annotated[str | None, typer.Option("--assignee", help="Whose.")] = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List reviews, those due first at the top."""
    rows = _api(ctx).reviews({"state": state, "cause": cause, "assignee": mine, "limit": limit})
    if as_json:
        _print_json(rows)
        return
    columns = {
        "due": lambda row: _time(row["due_at"]),
        "review": lambda row: row["review_id"],
        "cause": lambda row: row["cause"],
        "model said": lambda row: row["outcome"],
        "state": lambda row: row["state"],
        "by": lambda row: row["assignee"] or "",
        "came to": lambda row: row["final_outcome"] or "",
    }
    _print_table(rows, columns)


@review.command("take")
def take_review(
    ctx: typer.Context,
    review_id: Annotated[str | None, typer.Argument(help="The review's id; the one due first if not given.")] = None,
) -> None:
    """Take a review."""
    taken = _api(ctx).take(review_id)
    typer.echo(f"{taken['review_id']}: {taken['cause']}, due {_time(taken['due_at'])}, decision {taken['decision_id']}")


@review.command("decide")
def decide_review(
    ctx: typer.Context,
    review_id: ReviewId,
    verdict: Annotated[str, typer.Argument(help="uphold or overturn.")],
    reason: Annotated[str, typer.Option(help="Code of the reason; a wrong one is answered with the list.")],
    text: Annotated[str | None, typer.Option(help="Free text beside it.")] = None,
) -> None:
    """Uphold or overturn a review that one has taken."""
    row = _api(ctx).decide_review(review_id, verdict, reason, text)
    if row["state"] == "proposed":
        typer.echo(f"{review_id}: proposed to {verdict}; a second person has to confirm it")
    else:
        typer.echo(f"{review_id}: closed, final outcome {row['final_outcome']}")


def _api(ctx: typer.Context) -> LedgerApi:
    from loanstream.ledger_api import LedgerApi
    from loanstream.stack.surroundings import Place

    place = Place.of(context_of(ctx).home)
    return LedgerApi(place.ledger, place.home.api_key())


def _asked(
    client: int | None,
    outcome: str | None,
    begin: str | None,
    end: str | None,
    points_from: int | None,
    points_to: int | None,
    model_version: str | None,
    door: str | None,
    mode: str | None,
    reason: str | None,
    reviewed: bool | None,
) -> dict[str, Any]:
    asked = {
        "client": client,
        "outcome": outcome,
        "from": _milliseconds("--from", begin),
        "to": _milliseconds("--to", end),
        "points_from": points_from,
        "points_to": points_to,
        "model_version": model_version,
        "door": door,
        "mode": mode,
        "reason": reason,
        "reviewed": reviewed,
    }
    return {name: value for name, value in asked.items() if value is not None}


def _milliseconds(option: str, text: str | None) -> int | None:
    from datetime import UTC, datetime

    from credit.errors import SettingsError

    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise SettingsError(f"{option} {text!r} is no time such as 2026-01-31T12:00:00Z") from None
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)


def _time(ms: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _print_json(document: object) -> None:
    import json

    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _print_table(rows: list[dict[str, Any]], columns: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.measure import Measurement
    from rich.table import Table

    console = Console()
    if not rows:
        console.print("none")
        return
    table = Table(box=None, padding=(0, 1))
    for name in columns:
        table.add_column(name, no_wrap=True)
    for row in rows:
        table.add_row(*(read(row) for read in columns.values()))
    # Ids are copied from here: a line longer than the terminal, or than what a pipe is taken for, beats one cut short.
    console.width = max(console.width, Measurement.get(console, console.options.update(max_width=1000), table).maximum)
    console.print(table)
