"""The stack for tests of the graph."""

from tests.fixtures.stack import challenger, stack

__all__ = ["challenger", "stack"]
