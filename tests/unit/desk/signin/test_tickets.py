"""Tickets between the script and the route that sets the cookie."""

from __future__ import annotations

from desk.signin.tickets import SessionTickets


class Clock:
    def __init__(self) -> None:
        self.now = 10.0

    def __call__(self) -> float:
        return self.now


def test_a_ticket_is_good_once() -> None:
    """Whoever sees a ticket later gets nothing for it; one to end a session has no token."""
    tickets = SessionTickets(Clock())
    ticket = tickets.issue("the token")
    assert tickets.redeem(ticket) == (True, "the token")
    assert tickets.redeem(ticket) == (False, None)
    assert tickets.redeem(tickets.issue(None)) == (True, None)
    assert tickets.redeem("invented") == (False, None)


def test_a_ticket_is_good_for_a_minute() -> None:
    """One that nobody handed in is worth nothing later."""
    clock = Clock()
    tickets = SessionTickets(clock)
    ticket = tickets.issue("the token")
    clock.now += 61
    assert tickets.redeem(ticket) == (False, None)


def test_tickets_that_nobody_hands_in_do_not_fill_the_memory() -> None:
    """Past a bound the oldest goes first."""
    tickets = SessionTickets(Clock())
    first = tickets.issue("one")
    for _ in range(1000):
        last = tickets.issue("another")
    assert tickets.redeem(first) == (False, None)
    assert tickets.redeem(last) == (True, "another")
