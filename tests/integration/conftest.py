"""The stack, one for all integration tests of a session."""

from tests.fixtures.stack import challenger, stack

__all__ = ["challenger", "stack"]
