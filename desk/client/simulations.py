"""What would be decided, and what would change it: asked without a trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from desk.client.base import AnswerModel, DeskApi
from desk.client.decisions import Cells, DeskDecision


class DeskSimulation(AnswerModel):
    """One simulated decision; contributions and base_value add up to raw_score."""

    decision: DeskDecision
    base_value: float | None
    raw_score: float
    contributions: dict[str, float | None]


class DeskSimulations(AnswerModel):
    """Simulations in the order of their applications."""

    simulations: list[DeskSimulation]


class ChangedField(AnswerModel):
    """One column before and after."""

    field: str
    before: float | None
    after: float | None


class SuggestedChange(AnswerModel):
    """One thing for the applicant to do; `words` in English."""

    move: str
    words: str
    fields: list[ChangedField]


class DeskCounterfactual(AnswerModel):
    """The smallest changes that would bring an approval, decided again, or that there are none."""

    status: Literal["found", "none_within_reach", "already_approved", "not_confirmed"]
    sentence: str
    outcome: Literal["approve", "refer", "decline"]
    probability_of_default: float
    threshold: float
    changes: list[SuggestedChange]
    cost: float | None = None
    decided_again: bool = False
    decision: DeskDecision | None = None
    plans_within_reach: int = 0
    plans_scored: int = 0
    reproduced: bool | None = None  # of a stored decision: whether today's model gives its risk


class SimulationClient:
    """Asks what would be; nothing of it is kept."""

    def __init__(self, api: DeskApi) -> None:
        self._api = api

    def of_client(self, client: int, overrides: Cells) -> DeskSimulation:
        """Decide the application on file of a client with other cells, by the client's own history."""
        return self._asked({"sk_id_curr": client, "overrides": dict(overrides)})

    def of_application(self, application: Cells) -> DeskSimulation:
        """Decide an application that was typed in."""
        return self._asked({"application": dict(application)})

    def changes(self, client: int | None, application: Cells) -> DeskCounterfactual:
        """Search what would bring an approval, for the application on file or one that was typed in."""
        body: Mapping[str, Any] = {"application": {"application": dict(application)}}
        return self._api.post(
            "/v1/counterfactuals", DeskCounterfactual, body if client is None else {"sk_id_curr": client}
        )

    def changes_of(self, decision_id: str) -> DeskCounterfactual:
        """Search what would have brought a stored decision's application an approval."""
        return self._api.post(f"/v1/decisions/{decision_id}/counterfactual", DeskCounterfactual, {})

    def _asked(self, body: Mapping[str, Any]) -> DeskSimulation:
        return self._api.post("/v1/simulations", DeskSimulations, body).simulations[0]
