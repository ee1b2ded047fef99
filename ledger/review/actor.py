"""Who acts, as the API says."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or program behind a key.

    name: as it stands in logs and on decisions; scopes: what its key may do (decide, read, review, audit, admin);
    roles: what it is in reviews (`lead` assigns and releases others' work); limit: the largest credit amount on which
    it may decide a review, no bound as infinity; display_name: what a person is called.
    """

    name: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    roles: frozenset[str] = field(default_factory=frozenset)
    limit: float = 0.0
    display_name: str = ""

    def may(self, scope: str) -> bool:
        """Say whether the key has a scope; an admin has all."""
        return scope in self.scopes or "admin" in self.scopes

    @property
    def signature(self) -> str:
        """The name with what the person is called beside it, for people who read a log."""
        called = self.display_name
        return f"{self.name} ({called})" if called and f"user:{called}" != self.name else self.name

    @property
    def leads(self) -> bool:
        """Whether it may give work to others and take it from them."""
        return "lead" in self.roles or "admin" in self.scopes
