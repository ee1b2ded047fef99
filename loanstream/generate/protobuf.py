"""Python code for `.proto` files, made in a folder of its own so that nothing is written that was not asked for."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from credit.errors import PermanentError


class ProtoRefused(PermanentError):
    """protoc does not compile a `.proto` file: it has said why on the standard error; mend the file."""


def generated_code(root: Path, protos: Sequence[str]) -> Mapping[str, str]:
    """Return messages, their types and services of each `.proto` (a path below root), by path below root."""
    import grpc_tools
    from grpc_tools import protoc

    well_known = Path(grpc_tools.__file__).parent / "_proto"
    with tempfile.TemporaryDirectory() as folder:
        made = [f"--python_out={folder}", f"--pyi_out={folder}", f"--grpc_python_out={folder}"]
        if protoc.main(["protoc", f"-I{root}", f"-I{well_known}", *made, *protos]) != 0:
            raise ProtoRefused(f"protoc refused one of {', '.join(protos)}")
        return {
            str(path.relative_to(folder)): path.read_text() for path in Path(folder).rglob("*_pb2*") if path.is_file()
        }
