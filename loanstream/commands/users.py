"""`users add | list | password | remove`: who signs in at the desk of this home with a password."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from loanstream.commands.context import context_of

if TYPE_CHECKING:
    from access.users import UserFile

app = typer.Typer(help="Make, list and remove the people who sign in with a password.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The name to sign in with, as logs and reviews will show it.")]
Folder = Annotated[
    Path | None,
    typer.Option("--folder", help="Folder of the users; the home's if not given.", envvar="LOANSTREAM_USERS_FOLDER"),
]


def register(root: typer.Typer) -> None:
    """Add the commands of this file."""
    root.add_typer(app, name="users", rich_help_panel="Stack")


@app.command()
def add(
    ctx: typer.Context,
    name: Name,
    role: Annotated[
        list[str], typer.Option("--role", help="adviser, reviewer, auditor, manager or admin; several times.")
    ],
    full_name: Annotated[str, typer.Option(help="What the person is called.")] = "",
    limit: Annotated[
        float | None, typer.Option(min=0, help="Largest credit amount on which the person may decide a review.")
    ] = None,
    folder: Folder = None,
) -> None:
    """Make a user and show the password of the first sign-in, this once; it is changed there."""
    typer.echo(_users(ctx, folder).add(name, frozenset(role), full_name, limit))


@app.command("list")
def list_users(ctx: typer.Context, folder: Folder = None) -> None:
    """List the users, their roles, and whether they still may sign in."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 1))
    for column in ("user", "name", "roles", "state", "made"):
        table.add_column(column)
    for user in _users(ctx, folder).listed():
        state = "removed" if user.removed_at else "first password" if user.must_change else "valid"
        made = user.made_at.isoformat(timespec="seconds")
        table.add_row(user.name, user.full_name, ", ".join(sorted(user.roles)), state, made)
    Console().print(table)


@app.command()
def password(ctx: typer.Context, name: Name, folder: Folder = None) -> None:
    """Give a user another first password and show it, this once; the user's sessions end."""
    typer.echo(_users(ctx, folder).new_first_password(name))


@app.command()
def remove(ctx: typer.Context, name: Name, folder: Folder = None) -> None:
    """Let a user sign in no more; open sessions end at once."""
    _users(ctx, folder).remove(name)
    typer.echo(f"{name} is removed")


def _users(ctx: typer.Context, folder: Path | None) -> UserFile:
    from access.users import UserFile

    return UserFile(folder or context_of(ctx).home.users)
