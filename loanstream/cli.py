"""The command line `loanstream`: one file of `commands/` for each group of commands, wired here."""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from credit.errors import LoanstreamError
from loanstream import __version__
from loanstream.commands import COMMANDS
from loanstream.commands.context import Context

# Options of the program itself: they may stand before or after a command's name.
_TAKES_VALUE, _FLAGS = "--home", ("--debug",)


class ErrorsInOneLine(TyperGroup):
    """Turns an error of ours into one line on stderr and exit code 1; `--debug` shows where it came from."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        return super().parse_args(ctx, program_options_first(args))

    def invoke(self, ctx: Any) -> object:
        try:
            return super().invoke(ctx)
        except LoanstreamError as error:
            if ctx.params.get("debug"):
                raise
            print(f"error: {' '.join(str(error).split())}", file=sys.stderr)  # noqa: T201 - what a person reads
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            print("interrupted", file=sys.stderr)  # noqa: T201
            raise typer.Exit(130) from None


def program_options_first(args: list[str]) -> list[str]:
    """Return the arguments with the program's own options moved before the command: `up --home x` is `--home x up`."""
    own: list[str] = []
    others: list[str] = []
    rest = iter(args)
    for arg in rest:
        if arg == "--":
            others += [arg, *rest]
        elif arg == _TAKES_VALUE:
            own += [arg, *itertools.islice(rest, 1)]
        elif arg in _FLAGS or arg.startswith(_TAKES_VALUE + "="):
            own.append(arg)
        else:
            others.append(arg)
    return own + others


app = typer.Typer(
    name="loanstream",
    cls=ErrorsInOneLine,
    help="Decides loan applications as they stream in: scored, explained, decided once, and provable afterwards.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"loanstream {__version__}")
        raise typer.Exit


@app.callback()
def main(
    ctx: typer.Context,
    home: Annotated[
        Path, typer.Option(help="The folder that holds all state of one stack.", envvar="LOANSTREAM_HOME")
    ] = Path(".loanstream"),
    debug: Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Start with `loanstream demo`: it starts everything and shows it live."""
    del version
    # MLflow's own bars would break into the commands' progress line.
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    ctx.obj = Context(home_path=home, debug=debug)


for register in COMMANDS:
    register(app)
