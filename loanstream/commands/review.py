"""`review`: the queue of people's reviews, by the ledger's HTTP API."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from loanstream.commands.answers import AsJson, Limit, ledger_of, print_json, print_table, told_time

review = typer.Typer(help="The queue of people's reviews.", no_args_is_help=True)

ReviewId = Annotated[str, typer.Argument(help="The review's id, as `review list` gives it.")]
Beside = Annotated[str | None, typer.Option("--text", help="Free text beside it.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.add_typer(review, name="review", rich_help_panel="Ledger")


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
    rows = ledger_of(ctx).reviews({"state": state, "cause": cause, "assignee": mine, "limit": limit})
    if as_json:
        print_json(rows)
        return
    columns = {
        "due": lambda row: told_time(row["due_at"]),
        "review": lambda row: row["review_id"],
        "cause": lambda row: row["cause"],
        "model said": lambda row: row["outcome"],
        "state": lambda row: row["state"],
        "by": lambda row: row["assignee"] or "",
        "came to": lambda row: row["final_outcome"] or "",
    }
    print_table(rows, columns)


@review.command("take")
def take_review(
    ctx: typer.Context,
    review_id: Annotated[str | None, typer.Argument(help="The review's id; the one due first if not given.")] = None,
) -> None:
    """Take a review."""
    taken = ledger_of(ctx).take(review_id)
    typer.echo(
        f"{taken['review_id']}: {taken['cause']}, due {told_time(taken['due_at'])}, decision {taken['decision_id']}"
    )


@review.command("decide")
def decide_review(
    ctx: typer.Context,
    review_id: ReviewId,
    verdict: Annotated[str, typer.Argument(help="uphold or overturn.")],
    reason: Annotated[str, typer.Option(help="Code of the reason; a wrong one is answered with the list.")],
    text: Beside = None,
) -> None:
    """Uphold or overturn a review that one has taken."""
    row = ledger_of(ctx).decide_review(review_id, verdict, reason, text)
    if row["state"] == "proposed":
        typer.echo(f"{review_id}: proposed to {verdict}; a second person confirms it or sends it back")
    else:
        _tell_closed(row)


@review.command()
def confirm(ctx: typer.Context, review_id: ReviewId, text: Beside = None) -> None:
    """Confirm another person's proposal, which closes the review; LOANSTREAM_API_KEY says who you are."""
    _tell_closed(ledger_of(ctx).confirm_review(review_id, text))


@review.command("send-back")
def send_back(ctx: typer.Context, review_id: ReviewId, text: Beside = None) -> None:
    """Send another person's proposal back to its author; LOANSTREAM_API_KEY says who you are."""
    row = ledger_of(ctx).send_back_review(review_id, text)
    typer.echo(f"{review_id}: sent back to {row['assignee']}")


def _tell_closed(row: dict[str, Any]) -> None:
    typer.echo(f"{row['review_id']}: closed, final outcome {row['final_outcome']}")
