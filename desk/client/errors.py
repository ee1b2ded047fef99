"""What can go wrong between desk and API, by what a person can do about it; words come from `desk.parts.errors`."""

from __future__ import annotations

from collections.abc import Sequence


class ApiFault(Exception):
    """The API did not do what was asked; `detail` is its own sentence, in English."""

    def __init__(self, detail: str, *, fields: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fields = tuple(fields)


class ApiAway(ApiFault):
    """The API, or what it depends on, does not answer: nothing is lost, try again."""


class SignedOut(ApiFault):
    """The session is over, or was never one: sign in again."""


class NotPermitted(ApiFault):
    """The person's role does not include this: ask somebody whose does."""


class NotOnFile(ApiFault):
    """The client, decision or review does not exist: check the number."""


class ChangedMeanwhile(ApiFault):
    """Somebody else was quicker: load it again and look."""


class ErasedForGood(ApiFault):
    """The client's data were erased: what was personal cannot be shown any more."""


class RefusedInput(ApiFault):
    """The API does not take what was sent: correct the `fields`, each a name and what is wrong with it."""


class TooManyAtOnce(ApiFault):
    """The API has more work than it can do in time: wait a moment."""


class UnexpectedAnswer(ApiFault):
    """The API answered what the desk does not understand: tell whoever runs the two."""


FAULT_OF_STATUS: dict[int, type[ApiFault]] = {
    401: SignedOut,
    403: NotPermitted,
    404: NotOnFile,
    409: ChangedMeanwhile,
    410: ErasedForGood,
    413: RefusedInput,
    422: RefusedInput,
    429: TooManyAtOnce,
    502: ApiAway,
    503: ApiAway,
    504: ApiAway,
}
