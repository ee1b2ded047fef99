"""What the HTTP API's refusals become."""

from __future__ import annotations

from pathlib import Path

import pytest

from credit.errors import InvalidApplication, LoanstreamError, NotReady, Overloaded, UnknownClient
from loanstream.api import RequestRefused, error_of

KEY = Path("/a/home/api-key")


def test_a_wrong_key_is_told_where_the_right_one_is() -> None:
    """The file of the key is named as it is, so that it can be looked at."""
    refused = error_of(401, {"detail": "No valid API key"}, KEY)
    assert isinstance(refused, RequestRefused)
    assert str(KEY) in str(refused)
    assert "{" not in str(refused)


@pytest.mark.parametrize(
    ("status", "kind"), [(404, UnknownClient), (429, Overloaded), (503, NotReady), (500, RequestRefused)]
)
def test_a_refusal_is_the_banks_own_error(status: int, kind: type[LoanstreamError]) -> None:
    """Each status becomes the error that the bank's language has for it, with the API's own words."""
    found = error_of(status, {"detail": "why"}, KEY)
    assert type(found) is kind
    assert str(found) == "why"


def test_an_invalid_application_names_its_fields() -> None:
    """A 422 with fields says which and what is wrong with them."""
    document = {"detail": "x", "errors": [{"field": "application.AMT_CREDIT", "message": "must be positive"}]}
    found = error_of(422, document, KEY)
    assert isinstance(found, InvalidApplication)
    assert "application.AMT_CREDIT" in str(found)
