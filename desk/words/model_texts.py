"""Words for what training and registry name: measures, gates of a promotion, attributes and their groups."""

from __future__ import annotations

import re
from typing import Final

from desk.words.categories import category_word
from desk.words.texts import N_, _

_MEASURES: Final = {
    "auc": N_("AUC"),
    "gini": N_("Gini"),
    "ks": N_("KS"),
    "average_precision": N_("Average precision"),
    "brier": N_("Brier score"),
    "calibration_error": N_("Calibration error"),
    "cost": N_("Cost an application"),
}
_GATES: Final = {
    "latency_ratio": N_("Latency against the champion"),
    "adverse_impact_gender": N_("Approval ratio by gender"),
    "adverse_impact_age": N_("Approval ratio by age"),
    "adverse_impact_family": N_("Approval ratio by family status"),
    "rehearsal_applications": N_("Applications rehearsed"),
    "rehearsal_outcome_flips": N_("Share of outcomes that change"),
    "rehearsal_psi": N_("Stability index of the scores"),
    "rehearsal_cost_rise": N_("Rise of the cost"),
    "rehearsal_age_days": N_("Age of the rehearsal in days"),
}
_ATTRIBUTES: Final = {"gender": N_("Gender"), "age": N_("Age"), "family": N_("Family status")}
_UNDER: Final = re.compile(r"under (\d+)")
_FROM: Final = re.compile(r"(\d+) and over")
_BETWEEN: Final = re.compile(r"(\d+) to (\d+)")


def measure_name(measure: str) -> str:
    """Return a measure's name."""
    return _found(_MEASURES, measure)


def gate_name(gate: str) -> str:
    """Return the name of a gate, which is a measure's where it bounds one."""
    return _found(_MEASURES | _GATES, gate)


def attribute_name(attribute: str) -> str:
    """Return an attribute's name."""
    return _found(_ATTRIBUTES, attribute)


def group_name(group: str) -> str:
    """Return a group's name: a span of years, or a category's word."""
    if found := _UNDER.fullmatch(group):
        return _("under {high} years").format(high=found[1])
    if found := _FROM.fullmatch(group):
        return _("{low} years and more").format(low=found[1])
    if found := _BETWEEN.fullmatch(group):
        return _("{low} to {high} years").format(low=found[1], high=found[2])
    return category_word(group)


def _found(names: dict[str, str], name: str) -> str:
    return _(names[name]) if name in names else name.replace("_", " ")
