"""Which requests come late, and when: at moments chosen in the next transaction, and at random ones."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from kafka.errors import for_code
from kafka.protocol.producer import (
    AddOffsetsToTxnResponse,
    AddPartitionsToTxnResponse,
    EndTxnResponse,
    InitProducerIdResponse,
    ProduceResponse,
    TxnOffsetCommitResponse,
)

from tests.faults.proxy import Api, Fate, HeldRequest, Request

_LONGEST_RANDOM_S = 0.4
# A client that was closed in the meantime never comes to the chosen moment.
_LONGEST_WAIT_S = 5.0
_RESPONSES = {
    Api.PRODUCE: ProduceResponse,
    Api.INIT_PRODUCER_ID: InitProducerIdResponse,
    Api.ADD_PARTITIONS: AddPartitionsToTxnResponse,
    Api.ADD_OFFSETS: AddOffsetsToTxnResponse,
    Api.END_TXN: EndTxnResponse,
    Api.TXN_OFFSET_COMMIT: TxnOffsetCommitResponse,
}
# A moment: when the next transaction's request of this kind was answered; None is a random time.
MOMENTS: tuple[Api | None, ...] = (
    Api.ADD_PARTITIONS,
    Api.PRODUCE,
    Api.ADD_OFFSETS,
    Api.TXN_OFFSET_COMMIT,
    Api.END_TXN,
    Api.INIT_PRODUCER_ID,
    None,
)


@dataclass(eq=False)
class Waiting:
    """A held request, the moment it waits for, and whether its own transaction has ended since."""

    held: HeldRequest
    moment: Api | None
    ended: bool = False


@dataclass
class LateRequests:
    """A `Plan` that holds, drops and delivers the requests of the clients whose id begins with `prefix`.

    hold, drop: how likely either is, of each transactional request; kinds: those it touches; moments: those it knows.
    All is drawn from one generator; what comes when is up to the clients. accepted_after_its_epoch: late requests that
    the broker took though their client had used a newer epoch by then; there must be none.
    """

    prefix: str
    rng: random.Random
    hold: float = 0.08
    drop: float = 0.02
    kinds: tuple[Api, ...] = tuple(Api)
    moments: tuple[Api | None, ...] = MOMENTS
    active: bool = True
    held_kinds: Counter[str] = field(default_factory=Counter)
    delivered: Counter[str] = field(default_factory=Counter)
    answers: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    accepted_after_its_epoch: int = 0
    most_at_once: int = 0
    _waiting: list[Waiting] = field(default_factory=list)
    _epochs: dict[str, tuple[int, int]] = field(default_factory=dict)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def judge(self, request: Request) -> Fate:
        """Draw a request's fate."""
        if not self.active or request.api not in self.kinds or not request.client_id.startswith(self.prefix):
            return Fate.PASS
        drawn = self.rng.random()
        if drawn < self.hold:
            return Fate.HOLD
        if drawn < self.hold + self.drop:
            self.dropped += 1
            return self.rng.choice((Fate.DROP_BEFORE, Fate.DROP_AFTER))
        return Fate.PASS

    def held(self, held: HeldRequest) -> None:
        """Choose the moment at which it is delivered."""
        self._saw(held.request)
        moment = self.rng.choice(self.moments)
        kind = Api(held.request.api).name
        self.held_kinds[kind] += 1
        waiting = Waiting(held, moment)
        self._waiting.append(waiting)
        self.most_at_once = max(self.most_at_once, len(self._waiting))
        longest = _LONGEST_WAIT_S if moment is not None else self.rng.uniform(0.0, _LONGEST_RANDOM_S)
        task = asyncio.create_task(self._deliver_after(waiting, longest))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def answered(self, request: Request) -> None:
        """Deliver what waited for this moment, before the client hears that it has come."""
        self._saw(request)
        for waiting in [w for w in self._waiting if w.held.request.client_id == request.client_id]:
            if waiting.ended and waiting.moment == request.api:
                await self._deliver(waiting)
            elif request.api == Api.END_TXN:
                waiting.ended = True

    def _saw(self, request: Request) -> None:
        # The newest that the client has used: a held request can be the first of its epoch.
        epoch, newest = request.epoch, self._epochs.get(request.client_id)
        if epoch is not None and (newest is None or epoch[0] != newest[0] or epoch[1] > newest[1]):
            self._epochs[request.client_id] = epoch

    async def deliver_all(self) -> None:
        """Deliver whatever still waits."""
        for waiting in list(self._waiting):
            await self._deliver(waiting)
        await asyncio.gather(*self._tasks)

    def tell(self, say: Callable[[str], None]) -> None:
        """Say what was held, when it was delivered, and what was answered then."""
        for title, figures in (
            ("held", self.held_kinds),
            ("delivered", self.delivered),
            ("answered late", self.answers),
        ):
            say(f"{title}:")
            for name, number in sorted(figures.items()):
                say(f"  {number:5d} x {name}")
        say(f"{self.accepted_after_its_epoch} accepted by a broker though their epoch was over")
        say(f"{self.dropped} more dropped for good; {self.most_at_once} held at once")

    async def _deliver_after(self, waiting: Waiting, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._deliver(waiting)

    async def _deliver(self, waiting: Waiting) -> None:
        if waiting not in self._waiting:
            return
        self._waiting.remove(waiting)
        request = waiting.held.request
        answer = await waiting.held.deliver()
        kind, moment = Api(request.api).name, waiting.moment.name if waiting.moment is not None else "random"
        self.delivered[f"{kind} at {moment}"] += 1
        error, epoch = error_name(request, answer), request.epoch
        is_over = epoch is not None and epoch != self._epochs.get(request.client_id, epoch)
        self.accepted_after_its_epoch += is_over and error == "NoError"
        where = ", its epoch over" if is_over else ", in its own transaction" if not waiting.ended else ""
        self.answers[f"{kind} {error}{where}"] += 1


def error_name(request: Request, answer: bytes) -> str:
    """Return what the broker answered, by the name of its first error; NoError where there is none."""
    response = _RESPONSES[Api(request.api)].decode(answer[4:], version=request.version, header=True)
    code = getattr(response, "error_code", None)
    with contextlib.suppress(AttributeError, IndexError, TypeError):
        if request.api == Api.PRODUCE:
            code = response.responses[0].partition_responses[0].error_code
        elif request.api == Api.ADD_PARTITIONS:
            code = response.results_by_topic_v3_and_below[0][1][0][1]
        elif request.api == Api.TXN_OFFSET_COMMIT:
            code = response.topics[0][1][0][1]
    return for_code(code).__name__
