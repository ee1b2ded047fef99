"""A plan of one held request, delivered at one chosen moment: the shortest way to each thing that can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.faults.late import LateRequests
from tests.faults.proxy import Api, Fate, HeldRequest, Request

# Transactions that pass before anything is held, so that none of it is of a start.
_FIRST_TRANSACTIONS = 3


@dataclass
class ChosenRequest(LateRequests):
    """Holds the next request of `kinds[0]`, once, after a few transactions, for the first of `moments`.

    meanwhile: what the next `InitProducerId` after that meets: its fate, and something to be done at that moment.
    """

    bump_fate: Fate = Fate.PASS
    meanwhile: Callable[[], object] | None = None
    _passed: int = 0
    _bumps: list[Fate] = field(default_factory=list)

    def judge(self, request: Request) -> Fate:
        """Hold the one, and give the new epoch that is asked for after it its own fate."""
        if not request.client_id.startswith(self.prefix):
            return Fate.PASS
        if request.api == Api.INIT_PRODUCER_ID and self.held_kinds and not self._bumps:
            self._bumps.append(self.bump_fate)
            if self.meanwhile is not None:
                self.meanwhile()
            return self.bump_fate
        self._passed += request.api == Api.END_TXN
        if self.active and request.api == self.kinds[0] and self._passed >= _FIRST_TRANSACTIONS and not self.held_kinds:
            return Fate.HOLD
        return Fate.PASS

    @property
    def bumped(self) -> bool:
        """Whether a producer id or a new epoch was asked for after the request was held."""
        return bool(self._bumps)

    @property
    def over(self) -> bool:
        """Whether all that was held was delivered."""
        return bool(self.held_kinds) and sum(self.delivered.values()) == sum(self.held_kinds.values())


class AnyPlan:
    """Lets each test of one proxy bring a plan of its own."""

    def __init__(self) -> None:
        self.now: LateRequests | None = None

    def judge(self, request: Request) -> Fate:
        return self.now.judge(request) if self.now else Fate.PASS

    def held(self, held: HeldRequest) -> None:
        assert self.now is not None
        self.now.held(held)

    async def answered(self, request: Request) -> None:
        if self.now is not None:
            await self.now.answered(request)
