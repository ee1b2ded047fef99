"""The command `python -m deploy.images`: builds the images of deploy/docker without an engine, and tells their sizes.

    python -m deploy.images build [ROLE...]
    python -m deploy.images sizes

By buildah, as root, over a base that debootstrap makes where no registry of images can be reached (`--base` names one
that can be). `python -m deploy.cluster up --images` runs a cluster out of them.
"""

from __future__ import annotations

import argparse
import sys
import time

from credit.errors import LoanstreamError
from deploy.images.base import make_base
from deploy.images.mounted import ROLES, buildah, name_of, require_buildah
from deploy.images.sizes import table
from deploy.project import PROJECT


def main(arguments: list[str] | None = None) -> int:
    """Run one command; errors are one line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.images", description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    build = commands.add_parser("build", help="build the image of each role, or of those that are named")
    build.add_argument("roles", nargs="*", choices=[*ROLES, []], help=", ".join(ROLES))
    build.add_argument("--base", default="", help="image of Python 3.11 to build on; else one is made")
    commands.add_parser("sizes", help="tell the size of each image, and of what it is made")
    options = parser.parse_args(arguments)
    try:
        require_buildah()
        if options.command == "sizes":
            _say(table())
        else:
            _build(options.roles or list(ROLES), options.base or make_base(_say))
    except LoanstreamError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    return 0


def _build(roles: list[str], base: str) -> None:
    for role in roles:
        begun = time.monotonic()
        buildah(
            *("build", "--layers", "--format", "docker", "--network", "host"),
            *("--build-arg", f"PYTHON_IMAGE={base}"),
            *("--file", str(PROJECT / "deploy/docker/Dockerfile"), "--ignorefile", str(PROJECT / ".dockerignore")),
            *("--target", role, "--tag", f"localhost/{name_of(role)}", str(PROJECT)),
        )
        _say(f"{name_of(role)} built in {time.monotonic() - begun:.0f} s")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
