"""A link that is slow and loses: stands between a host and the bridge and passes frames on late, or not at all.

    python -m deploy.cluster.slow_link HOST_END BRIDGE_END DELAY_S JITTER_S LOSS

The kernel's own `netem` does the same, but is left out of many kernels. This process takes each frame at one end and
gives it to the other after DELAY_S, plus or minus JITTER_S, unless a draw loses it (LOSS, a share of 1). A frame never
overtakes another, as on a wire. It runs until it is ended; while it does not run, the link is cut.
"""

from __future__ import annotations

import contextlib
import random
import selectors
import socket
import sys
import time
from collections import deque
from dataclasses import dataclass, field

# From linux/if_packet.h and linux/if_ether.h; Python names neither of the first two.
_SOL_PACKET, _PACKET_IGNORE_OUTGOING, _PACKET_VNET_HDR, _ETH_P_ALL = 263, 23, 15, 3
# A frame may be a whole TCP segment that no card has cut yet; a header of 10 bytes says how it is to be cut.
_LARGEST_FRAME = 10 + 65_536 + 64
_BUFFER_BYTES = 16 << 20
_LONGEST_WAIT_S = 1.0


@dataclass
class Direction:
    """Frames on their way from one end to the other, each with the moment at which it arrives."""

    source: socket.socket
    target: socket.socket
    delay_s: float
    jitter_s: float
    loss: float
    rng: random.Random
    waiting: deque[tuple[float, bytes]] = field(default_factory=deque)

    def take(self, now: float) -> None:
        """Take every frame that has come."""
        while True:
            try:
                frame = self.source.recv(_LARGEST_FRAME)
            except (BlockingIOError, InterruptedError):
                return
            if self.rng.random() < self.loss:
                continue
            arrives = now + max(0.0, self.delay_s + self.rng.uniform(-self.jitter_s, self.jitter_s))
            if self.waiting:
                arrives = max(arrives, self.waiting[-1][0])
            self.waiting.append((arrives, frame))

    def give(self, now: float) -> float:
        """Give on what has arrived; returns in how many seconds the next does."""
        while self.waiting and self.waiting[0][0] <= now:
            # An end that is full or down loses a frame, as any card does.
            with contextlib.suppress(OSError):
                self.target.send(self.waiting[0][1])
            self.waiting.popleft()
        return self.waiting[0][0] - now if self.waiting else _LONGEST_WAIT_S


def open_end(name: str) -> socket.socket:
    """Return a socket that hears what arrives at an interface and sends out of it; OSError where there is none."""
    end = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    end.setsockopt(_SOL_PACKET, _PACKET_VNET_HDR, 1)  # checksums and sizes that a card would fill in stay as they are
    end.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
    end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
    end.bind((name, _ETH_P_ALL))
    end.setblocking(False)
    return end


def pass_on(host: socket.socket, bridge: socket.socket, delay_s: float, jitter_s: float, loss: float) -> None:
    """Pass frames on, both ways, for ever."""
    rng = random.Random()  # noqa: S311 - which frame is lost is no secret
    ways = [
        Direction(source, target, delay_s, jitter_s, loss, rng) for source, target in ((host, bridge), (bridge, host))
    ]
    with selectors.DefaultSelector() as heard:
        for way in ways:
            heard.register(way.source, selectors.EVENT_READ, way)
        wait_s = _LONGEST_WAIT_S
        while True:
            for key, _ in heard.select(wait_s):
                key.data.take(time.monotonic())
            now = time.monotonic()
            wait_s = max(0.0, min(way.give(now) for way in ways))


def main(arguments: list[str]) -> None:
    host, bridge, *figures = arguments
    delay_s, jitter_s, loss = map(float, figures)
    ends = open_end(host), open_end(bridge)
    sys.stdout.write("passing\n")
    sys.stdout.flush()
    pass_on(*ends, delay_s, jitter_s, loss)


if __name__ == "__main__":
    main(sys.argv[1:])
