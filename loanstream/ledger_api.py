"""A small client of the ledger's HTTP API, for the commands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from credit.errors import DependencyUnavailable, PermanentError, SettingsError

_TIMEOUT_S = 30.0
_ENDINGS = {".csv": "csv", ".jsonl": "jsonl", ".parquet": "parquet"}
_TRIES = 5
_PAGE = 500  # most that one answer holds


class LedgerRefused(PermanentError):
    """The ledger refused the request: its answer says why, and what would be taken."""

    def __init__(self, message: str, status: int) -> None:
        self.status = status
        super().__init__(message)


class LedgerApi:
    """Asks a ledger's door at an address; a refusal becomes LedgerRefused with its words."""

    def __init__(self, url: str, api_key: str) -> None:
        self._url, self._key = url, api_key

    def decisions(self, asked: dict[str, Any], limit: int) -> list[dict[str, Any]]:
        """Return up to `limit` decisions under filters, newest first; short pages are gone on from."""
        found: list[dict[str, Any]] = []
        after: str | None = None
        while len(found) < limit:
            more = {} if after is None else {"after": after}
            answer = self._ask("GET", "/v1/decisions", asked | more | {"limit": min(limit - len(found), _PAGE)})
            found += answer["decisions"]
            after = answer["next"]
            if after is None:
                break
        return found

    def receipt(self, decision_id: str) -> dict[str, Any]:
        """Return the whole receipt of a decision."""
        found: dict[str, Any] = self._ask("GET", f"/v1/decisions/{decision_id}")
        return found

    def export(self, asked: dict[str, Any], out: Path) -> int:
        """Write all decisions under filters into a file, in the format of its ending; returns its size, bytes."""
        import httpx

        if out.suffix not in _ENDINGS:
            raise SettingsError(f"--out {out} ends in none of {', '.join(_ENDINGS)}, which say how it is written")
        query = asked | {"format": _ENDINGS[out.suffix]}
        partial = out.with_name(out.name + ".part")
        try:
            with (
                httpx.stream(
                    "GET", f"{self._url}/v1/decisions/export", params=query, headers=self._headers(), timeout=_TIMEOUT_S
                ) as answer,
                partial.open("wb") as file,
            ):
                if not answer.is_success:
                    answer.read()
                    raise _refused(answer.status_code, answer)
                for piece in answer.iter_bytes():
                    file.write(piece)
            partial.replace(out)
        except httpx.HTTPError as error:
            raise self._away(error) from None
        except OSError as error:
            raise SettingsError(f"--out {out} cannot be written ({error.strerror})") from None
        finally:
            partial.unlink(missing_ok=True)
        return out.stat().st_size

    def reviews(self, asked: dict[str, Any]) -> list[dict[str, Any]]:
        """Return reviews under filters, those due first at the top."""
        wanted = {name: value for name, value in asked.items() if value is not None}
        found: list[dict[str, Any]] = self._ask("GET", "/v1/reviews", wanted)["reviews"]
        return found

    def take(self, review_id: str | None) -> dict[str, Any]:
        """Take a review, or the open one that is due first."""
        for _ in range(_TRIES):
            chosen = review_id
            if chosen is None:
                open_ones = self.reviews({"state": "open", "limit": 1})
                if not open_ones:
                    raise LedgerRefused("no review is open", 404)
                chosen = open_ones[0]["review_id"]
            try:
                taken: dict[str, Any] = self._ask("POST", f"/v1/reviews/{chosen}/take")
            except LedgerRefused as error:
                if review_id is None and error.status == 409:  # somebody was quicker: the next one, then
                    continue
                raise
            return taken
        raise LedgerRefused("others were quicker each time; try again", 409)

    def decide_review(self, review_id: str, verdict: str, reason: str, text: str | None) -> dict[str, Any]:
        """Give a verdict on a review that one has taken."""
        body = {"verdict": verdict, "reason": reason, "text": text}
        row: dict[str, Any] = self._ask("POST", f"/v1/reviews/{review_id}/decide", body=body)
        return row

    def confirm_review(self, review_id: str, text: str | None) -> dict[str, Any]:
        """Confirm another person's proposal."""
        row: dict[str, Any] = self._ask("POST", f"/v1/reviews/{review_id}/confirm", body={"text": text})
        return row

    def send_back_review(self, review_id: str, text: str | None) -> dict[str, Any]:
        """Send another person's proposal back to its author."""
        row: dict[str, Any] = self._ask("POST", f"/v1/reviews/{review_id}/send-back", body={"text": text})
        return row

    def _ask(
        self, method: str, path: str, query: dict[str, Any] | None = None, body: dict[str, Any] | None = None
    ) -> Any:
        import httpx

        try:
            answer = httpx.request(
                method, self._url + path, params=query, json=body, headers=self._headers(), timeout=_TIMEOUT_S
            )
        except httpx.HTTPError as error:
            raise self._away(error) from None
        if not answer.is_success:
            raise _refused(answer.status_code, answer)
        return answer.json()

    def _headers(self) -> dict[str, str]:
        return {"X-API-Key": self._key}

    def _away(self, error: Exception) -> DependencyUnavailable:
        return DependencyUnavailable(
            f"the ledger at {self._url} does not answer ({error}); start it with `loanstream up`"
        )


def _refused(status: int, answer: Any) -> LedgerRefused:
    try:
        problem = answer.json()
        named = "; ".join(f"{one['field']}: {one['message']}" for one in problem.get("errors") or ())
        return LedgerRefused(named or str(problem["detail"]), status)
    except (ValueError, KeyError, AttributeError):
        return LedgerRefused(f"HTTP {status}", status)
