"""`decisions`: what the ledger holds, by its HTTP API."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from loanstream.commands.answers import AsJson, Limit, ledger_of, print_json, print_table, told_time

# The filters of GET /v1/decisions, for every command that lists.
Client = Annotated[int | None, typer.Option(help="SK_ID_CURR of a client.")]
DecidedAs = Annotated[str | None, typer.Option("--outcome", help="approve, refer or decline.")]
Begin = Annotated[str | None, typer.Option("--from", help="Decided at or after: RFC 3339.")]
End = Annotated[str | None, typer.Option("--to", help="Decided before: RFC 3339.")]
PointsFrom = Annotated[int | None, typer.Option(help="Lowest score points.")]
PointsTo = Annotated[int | None, typer.Option(help="Highest score points.")]
ModelVersion = Annotated[str | None, typer.Option(help="Version that decided.")]
Door = Annotated[str | None, typer.Option(help="kafka, http or replay.")]
DecidedIn = Annotated[str | None, typer.Option("--mode", help="full, history_unavailable, ...")]
Reason = Annotated[str | None, typer.Option(help="Code among the reasons, such as R07.")]
Reviewed = Annotated[bool | None, typer.Option("--reviewed/--not-reviewed", help="Whether a review closed.")]

decisions = typer.Typer(help="Decisions kept in the ledger.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(decisions, name="decisions", rich_help_panel="Ledger")


@decisions.command("list")
def list_decisions(
    ctx: typer.Context,
    client: Client = None,
    outcome: DecidedAs = None,
    begin: Begin = None,
    end: End = None,
    points_from: PointsFrom = None,
    points_to: PointsTo = None,
    model_version: ModelVersion = None,
    door: Door = None,
    mode: DecidedIn = None,
    reason: Reason = None,
    reviewed: Reviewed = None,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List decisions, newest first."""
    asked = _asked(client, outcome, begin, end, points_from, points_to, model_version, door, mode, reason, reviewed)
    rows = ledger_of(ctx).decisions(asked, limit)
    if as_json:
        print_json(rows)
        return
    columns = {
        "decided": lambda row: told_time(row["decided_at"]),
        "decision": lambda row: row["decision_id"],
        "outcome": lambda row: row["outcome"],
        "default": lambda row: f"{100 * row['probability_of_default']:.1f} %",
        "points": lambda row: str(row["score_points"]),
        "reasons": lambda row: " ".join(row["reasons"]),
    }
    print_table(rows, columns)


@decisions.command("show")
def show_decision(
    ctx: typer.Context, decision_id: Annotated[str, typer.Argument(help="The decision's id.")], as_json: AsJson = False
) -> None:
    """Show the whole receipt of a decision; the access is logged."""
    receipt = ledger_of(ctx).receipt(decision_id)
    if as_json:
        print_json(receipt)
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
        f"decided {told_time(receipt['decided_at'])} by {model['name']} v{model['version']}, mode {receipt['mode']}"
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
    client: Client = None,
    outcome: DecidedAs = None,
    begin: Begin = None,
    end: End = None,
    points_from: PointsFrom = None,
    points_to: PointsTo = None,
    model_version: ModelVersion = None,
    door: Door = None,
    mode: DecidedIn = None,
    reason: Reason = None,
    reviewed: Reviewed = None,
) -> None:
    """Write all decisions under filters into a file."""
    asked = _asked(client, outcome, begin, end, points_from, points_to, model_version, door, mode, reason, reviewed)
    size = ledger_of(ctx).export(asked, out)
    typer.echo(f"{out}: {size:,} bytes")


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
