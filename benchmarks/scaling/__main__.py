"""`make scaling` writes the tables of docs/scaling.md; `--check` says whether they are old, `--simulate` works anew."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks.scaling.measured import OneCore
from benchmarks.scaling.page import read_simulations, rewritten, run_simulations, tables

PAGE = Path(__file__).parents[2] / "docs" / "scaling.md"


def main() -> int:
    """Write or check the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scaling", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 where the page is old")
    parser.add_argument("--simulate", action="store_true", help="simulate again first: a minute of one core")
    options = parser.parse_args()
    measured = OneCore.read()
    if options.simulate:
        run_simulations(measured)
    try:
        found = tables(measured, read_simulations(measured))
    except ValueError as error:
        print(error)
        return 1
    page = PAGE.read_text()
    wanted = rewritten(page, found)
    if options.check:
        if page != wanted:
            print(f"docs/{PAGE.name}: old; run `make scaling`")
        return int(page != wanted)
    PAGE.write_text(wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
