"""One table from problems to gRPC statuses."""

from __future__ import annotations

import orjson
import pytest
from grpc import StatusCode

from credit.errors import LoanstreamError, NotReady, Overloaded, PermanentError, UnknownClient
from serve_app.door import problems
from serve_app.door.answer import Answer
from serve_app.door.grpc_status import CODE_OF, PROBLEM_KEY, refuse
from serve_app.door.problems import STATUS_OF


class Call:
    """Keeps how it was ended."""

    def __init__(self) -> None:
        self.code: StatusCode | None = None
        self.details = ""
        self.trailing: dict[str, str | bytes] = {}

    def set_code(self, code: StatusCode) -> None:
        self.code = code

    def set_details(self, details: str) -> None:
        self.details = details

    def set_trailing_metadata(self, trailing_metadata: list[tuple[str, str | bytes]]) -> None:
        self.trailing = dict(trailing_metadata)


def ended(problem: Answer) -> Call:
    call = Call()
    refuse(call, problem)
    return call


@pytest.mark.parametrize(
    ("error", "code", "retry_after"),
    [
        (UnknownClient("client 5"), StatusCode.NOT_FOUND, None),
        (Overloaded("full", 3.4), StatusCode.RESOURCE_EXHAUSTED, "3"),
        (NotReady("wait"), StatusCode.UNAVAILABLE, "2"),
        (PermanentError("broken"), StatusCode.INTERNAL, None),
    ],
)
def test_each_error_has_its_code(error: LoanstreamError, code: StatusCode, retry_after: str | None) -> None:
    """Code and words say what HTTP's status and problem say, and the problem comes with them."""
    problem = problems.from_error(error)
    call = ended(problem)
    assert call.code is code
    assert call.details.endswith(str(error))
    assert call.trailing.get("retry-after") == retry_after
    assert call.trailing[PROBLEM_KEY] == problem.body


def test_every_status_of_our_errors_is_in_the_table() -> None:
    """A new error cannot become INTERNAL by being forgotten here."""
    assert {status for _, status, _ in STATUS_OF} <= CODE_OF.keys()


def test_a_long_list_of_errors_is_cut_to_what_metadata_can_carry() -> None:
    """A thousand invalid applications name the first ones."""
    call = ended(problems.invalid([(f"applications.{i}.application", "missing") for i in range(1000)]))
    carried = call.trailing[PROBLEM_KEY]
    assert len(carried) < 4096
    assert orjson.loads(carried)["errors"][0]["field"] == "applications.0.application"


def test_a_problem_too_long_for_metadata_stays_behind() -> None:
    """The status alone reaches the caller then, and the call does not break."""
    call = ended(problems.invalid([("application", "x" * 5000)]))
    assert call.code is StatusCode.INVALID_ARGUMENT
    assert PROBLEM_KEY not in call.trailing
