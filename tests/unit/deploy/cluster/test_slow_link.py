"""A slow link: what it does to frames, without a network."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from deploy.cluster.slow_link import Direction


@pytest.fixture
def ends() -> Iterator[list[socket.socket]]:
    """A sender and the socket that hears it, a socket that gives on and its receiver."""
    with ExitStack() as ending:
        pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(2)]
        sockets = [end for pair in pairs for end in pair]
        for end in sockets:
            ending.enter_context(end)
            end.setblocking(False)
        yield sockets


def heard(receiver: socket.socket) -> list[bytes]:
    frames = []
    while True:
        try:
            frames.append(receiver.recv(100))
        except BlockingIOError:
            return frames


def test_a_frame_comes_after_the_delay(ends: list[socket.socket]) -> None:
    sender, source, target, receiver = ends
    way = Direction(source, target, 0.5, 0.0, 0.0, random.Random(1))
    sender.send(b"one")
    way.take(now=10.0)
    assert way.give(now=10.4) == pytest.approx(0.1)
    assert heard(receiver) == []
    way.give(now=10.5)
    assert heard(receiver) == [b"one"]


def test_no_frame_overtakes_another(ends: list[socket.socket]) -> None:
    """However the delays are drawn."""
    sender, source, target, receiver = ends
    way = Direction(source, target, 0.1, 0.1, 0.0, random.Random(2))
    sent = [bytes([n]) for n in range(50)]
    for n, frame in enumerate(sent):
        sender.send(frame)
        way.take(now=n / 1000)
    way.give(now=1.0)
    assert heard(receiver) == sent


def test_the_share_that_is_to_be_lost_is_lost(ends: list[socket.socket]) -> None:
    sender, source, target, receiver = ends
    way = Direction(source, target, 0.0, 0.0, 0.25, random.Random(3))
    arrived = 0
    for _ in range(1000):
        sender.send(b"frame")
        way.take(now=0.0)
        way.give(now=0.0)
        arrived += len(heard(receiver))
    assert 700 < arrived < 800


def test_a_receiver_that_is_gone_costs_the_frame_alone(ends: list[socket.socket]) -> None:
    sender, source, target, receiver = ends
    way = Direction(source, target, 0.0, 0.0, 0.0, random.Random(4))
    receiver.close()
    sender.send(b"lost")
    way.take(now=0.0)
    assert way.give(now=0.0) > 0
    assert not way.waiting
