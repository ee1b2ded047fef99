"""`verify`, `erase`, `rewrap`, `log head`: proving what was decided, forgetting a client, a new master key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from loanstream.commands.context import context_of

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from ledger.settings import LedgerSettings
    from ledger.transparency.verify import Verification
    from loanstream.stack.surroundings import Place

log = typer.Typer(help="The signed log of all receipts.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands of this file."""
    app.command(rich_help_panel="Prove")(verify)
    app.command(rich_help_panel="Prove")(erase)
    app.command(rich_help_panel="Prove")(rewrap)
    app.add_typer(log, name="log", rich_help_panel="Prove")


def verify(
    ctx: typer.Context,
    decision_id: Annotated[str | None, typer.Argument(help="The decision to verify.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Verify every receipt and the whole log.")] = False,
) -> None:
    """Check proofs, and decide again from the stored inputs; exit code 3 where anything is not as it was."""
    from rich.console import Console

    from credit.errors import SettingsError
    from ledger.errors import UnknownDecision
    from ledger.store.engine import now_ms, reading
    from ledger.store.months import DAY_MS
    from ledger.transparency.log import MerkleLog
    from ledger.transparency.proof import current_head
    from ledger.transparency.stored import StoredReceipts
    from ledger.transparency.tables import SqlTiles, all_heads
    from ledger.transparency.verify import verify_all, verify_one
    from ledger.wiring import signer_of, vault_of
    from loanstream.decided_again import decided_again
    from loanstream.terminal.progress import progress_line

    if (decision_id is None) != everything:
        raise SettingsError("name one decision, or --all")
    place, settings = _ledger(ctx)
    key = signer_of(settings).verifier_key
    kept_from_ms = now_ms() - settings.retention_days * DAY_MS if settings.retention_days else 0
    again, console = decided_again(place), Console()
    with reading(_database(settings)) as connection:
        source, merkle = StoredReceipts(connection, vault_of(settings), kept_from_ms), MerkleLog(SqlTiles(connection))
        head = current_head(connection, key)
        if decision_id is None:
            with progress_line(console) as report:
                heads = all_heads(connection, key)
                done = verify_all(merkle, heads, source, again, lambda n, of: report("verifying", n / max(of, 1)))
        else:
            number = _identifier(decision_id)
            index = source.place_of(number)
            if index is None:
                index = merkle.place_of(number)  # the register's line may be what was removed
            if index is None:
                raise UnknownDecision(f"the ledger holds no decision {decision_id}")
            done = verify_one(index, merkle, head, source, again)
    for finding in done.findings:
        console.print(str(finding), style="red", highlight=False, soft_wrap=True)
    console.print(_line(done), highlight=False, soft_wrap=True)
    if not done.whole:
        raise typer.Exit(3)


def erase(
    ctx: typer.Context,
    client: Annotated[int, typer.Argument(help="The client's SK_ID_CURR.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask; it cannot be undone.")] = False,
) -> None:
    """Destroy a client's key, so that nothing personal of the client can be read any more."""
    from ledger.wiring import vault_of

    _, settings = _ledger(ctx)
    if not yes:
        typer.confirm(f"Destroy the key of client {client}? It cannot be undone", abort=True)
    found = vault_of(settings).erase(str(client))
    typer.echo(
        f"the key of client {client} is destroyed; topics keep what they hold until their time is over, see "
        "docs/privacy.md"
        if found
        else f"the ledger holds no key of client {client}: never seen, or erased before"
    )


def rewrap(ctx: typer.Context) -> None:
    """Wrap the clients' keys under a new master key: the first of the setting or the file; docs/privacy.md says how."""
    from ledger.wiring import vault_of

    _, settings = _ledger(ctx)
    wrapped = vault_of(settings).rewrap()
    typer.echo(f"{wrapped:,} keys were wrapped anew; all stand under the first master key, the others can be removed")


@log.command()
def head(ctx: typer.Context) -> None:
    """Show the newest signed head of the log and the key that checks it."""
    from ledger.store.engine import reading
    from ledger.transparency.proof import current_head
    from ledger.wiring import signer_of

    _, settings = _ledger(ctx)
    with reading(_database(settings)) as connection:
        signed = current_head(connection, signer_of(settings).verifier_key)
    typer.echo(signed.note)
    typer.echo(f"verifier key: {signed.verifier_key}")


def _line(done: Verification) -> str:
    return (
        f"receipts={done.receipts} decided_again={done.recomputed} erased={done.erased} retired={done.retired} "
        f"unsigned={done.unsigned} findings={len(done.findings)}"
    )


def _identifier(text: str) -> str:
    from uuid import UUID

    from credit.errors import SettingsError

    try:
        return str(UUID(text))
    except ValueError:
        raise SettingsError(f"{text[:60]!r} is no decision's id, which has 32 hexadecimal digits") from None


def _database(settings: LedgerSettings) -> Engine:
    """Return the ledger's database; raises WrongMigration where it is not one of this version's."""
    from ledger.store.migrate import require_current
    from ledger.wiring import engine_of

    engine = engine_of(settings, durable=False)
    require_current(engine)
    return engine


def _ledger(ctx: typer.Context) -> tuple[Place, LedgerSettings]:
    """Return the place and the ledger of the home; `LOANSTREAM_LEDGER_HOME` names another."""
    import os

    from ledger.settings import LedgerSettings
    from loanstream.stack.surroundings import Place

    place = Place.of(context_of(ctx).home)
    if "LOANSTREAM_LEDGER_HOME" in os.environ:
        return place, LedgerSettings()
    return place, LedgerSettings(home=place.home.ledger)
