"""The tree of errors."""

from __future__ import annotations

import pickle

import pytest

from credit import errors
from credit.errors import InvalidApplication, LoanstreamError, PermanentError, RetryableError

KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, LoanstreamError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_says_whether_trying_again_helps_and_what_to_do(kind: type[LoanstreamError]) -> None:
    """Retryable or permanent, never both or neither, and a docstring for the operator."""
    assert kind is LoanstreamError or issubclass(kind, RetryableError) != issubclass(kind, PermanentError)
    assert kind.retryable is issubclass(kind, RetryableError)
    assert kind.__doc__


def test_an_invalid_application_names_all_its_faults() -> None:
    """Code and every field stand in the one line, and in `problems` for machines."""
    error = InvalidApplication("invalid_fields", [("application.A", "is text"), ("application.B", "is missing")])
    assert str(error) == "invalid_fields: application.A: is text; application.B: is missing"
    assert [path for path, _ in error.problems] == ["application.A", "application.B"]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind is not InvalidApplication])
def test_an_error_crosses_a_process(kind: type[LoanstreamError]) -> None:
    """Ray pickles what a replica raises: it arrives as the same error with the same words."""
    found = pickle.loads(pickle.dumps(kind("why")))
    assert type(found) is kind
    assert str(found) == "why"
