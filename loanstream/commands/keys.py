"""`keys add | list | rotate | revoke`: who may call the API of this home."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loanstream.commands.context import context_of

if TYPE_CHECKING:
    from datetime import timedelta

    from access.keys import KeyFile

app = typer.Typer(help="Make, list, rotate and revoke the keys of callers.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The key's name, as logs and reviews will show it.")]
File = Annotated[
    Path | None,
    typer.Option("--file", help="The key file; the home's if not given.", envvar="LOANSTREAM_API_KEYS_FILE"),
]


def register(root: typer.Typer) -> None:
    """Add the commands of this file."""
    root.add_typer(app, name="keys", rich_help_panel="Stack")


@app.command()
def add(
    ctx: typer.Context,
    name: Name,
    scope: Annotated[
        list[str], typer.Option("--scope", help="What it may do: decide, read, review, audit, admin; several times.")
    ],
    expires: Annotated[str | None, typer.Option(help="For how long it is valid, such as 90d, 12h or 30m.")] = None,
    role: Annotated[list[str] | None, typer.Option("--role", help="Its role in reviews, such as lead.")] = None,
    limit: Annotated[
        float | None, typer.Option(min=0, help="Largest credit amount on which it may decide a review.")
    ] = None,
    file: File = None,
) -> None:
    """Make a key and show it, this once; callers send it as X-API-Key."""
    from access.caller import AccessScope
    from credit.errors import SettingsError

    try:
        scopes = frozenset(AccessScope(word) for word in scope)
    except ValueError:
        known = ", ".join(AccessScope)
        raise SettingsError(f"a scope is one of {known}; not {', '.join(set(scope) - set(AccessScope))}") from None
    expires_in = None if expires is None else _span("--expires", expires)
    typer.echo(_keys(ctx, file).add(name, scopes, expires_in=expires_in, roles=frozenset(role or ()), limit=limit))


@app.command("list")
def list_keys(ctx: typer.Context, file: File = None) -> None:
    """List the keys, what they may do, and whether they still may."""
    from datetime import UTC, datetime

    from rich.console import Console
    from rich.table import Table

    now = datetime.now(UTC)
    table = Table(box=None, padding=(0, 1))
    for column in ("key", "scopes", "state", "made", "valid until"):
        table.add_column(column)
    table.add_row("home", "all", "valid", "", "")
    for key in _keys(ctx, file).listed():
        ends = [secret.until for secret in key.secrets]
        until = "" if None in ends else max(end for end in ends if end is not None).isoformat(timespec="seconds")
        made = key.made_at.isoformat(timespec="seconds")
        table.add_row(key.name, ", ".join(sorted(key.scopes)), key.state(now), made, until)
    Console().print(table)


@app.command()
def rotate(
    ctx: typer.Context,
    name: Name,
    old_valid_for: Annotated[
        str, typer.Option(help="For how long the old secret is taken still, such as 24h or 0m.")
    ] = "24h",
    file: File = None,
) -> None:
    """Give a key a new secret and show it; the old one stays valid for the time given."""
    typer.echo(_keys(ctx, file).rotate(name, _span("--old-valid-for", old_valid_for)))


@app.command()
def revoke(ctx: typer.Context, name: Name, file: File = None) -> None:
    """Take a key back, at once and for good."""
    _keys(ctx, file).revoke(name)
    typer.echo(f"{name} is revoked")


def _keys(ctx: typer.Context, file: Path | None) -> KeyFile:
    from access.keys import KeyFile

    return KeyFile(file or context_of(ctx).home.api_keys_file)


def _span(option: str, text: str) -> timedelta:
    from datetime import timedelta

    from credit.errors import SettingsError

    units = {"d": "days", "h": "hours", "m": "minutes"}
    if text[:-1].isdecimal() and text[-1:] in units:
        return timedelta(**{units[text[-1]]: int(text[:-1])})
    raise SettingsError(f"{option} {text!r} is no span of time such as 90d, 12h or 30m")
