"""The stack for tests of the graph."""

from tests.fixtures.stack import stack  # noqa: F401 - a fixture is found by its name
