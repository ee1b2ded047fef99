"""`python -m loanstream.generate` writes every generated file that is old; `--check` names them and exits with 1."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from loanstream.generate.files import old_files, write_files

ROOT = Path(__file__).parents[2]


def main() -> int:
    """Write or check, for the repository that this code stands in."""
    parser = argparse.ArgumentParser(prog="python -m loanstream.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing; exit with 1 where a file is old")
    check = parser.parse_args().check
    found = old_files(ROOT) if check else write_files(ROOT)
    for path in found:
        sys.stdout.write(f"{path.relative_to(ROOT)}{': old; run `make generate`' if check else ''}\n")
    return int(check and bool(found))


if __name__ == "__main__":
    sys.exit(main())
