"""What every command is given: the home it works in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import typer

    from loanstream.stack.home import Home


@dataclass(frozen=True, slots=True)
class Context:
    """The options that stand before the command's name."""

    home_path: Path
    debug: bool

    @property
    def home(self) -> Home:
        from loanstream.stack.home import Home

        return Home.at(self.home_path)


def context_of(ctx: typer.Context) -> Context:
    """Return the options before the command's name, from Typer's context."""
    return cast("Context", ctx.find_root().obj)
