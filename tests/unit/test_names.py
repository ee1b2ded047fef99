"""One name means one thing: no public class is defined twice in the project."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_OURS = {"tests", "docs", "deploy", "build"}


def test_no_class_is_defined_twice() -> None:
    """A class's name leads to one file: whoever reads `Decider` need not ask which."""
    places = defaultdict(list)
    rooms = [path.parent for path in ROOT.glob("*/__init__.py") if path.parent.name not in NOT_OURS]
    assert len(rooms) > 6
    for room in rooms:
        for path in room.rglob("*.py"):
            if path.name.endswith("_pb2_grpc.py"):
                continue  # protoc names classes after the service
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                    places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: files for name, files in places.items() if len(files) > 1} == {}
