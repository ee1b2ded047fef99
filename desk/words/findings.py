"""What findings and recommendations of the portfolio say: codes with numbers become sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from desk.words.formats import number, percent
from desk.words.formats import points as in_points
from desk.words.texts import N_, _

Values = Mapping[str, float | int | str | None]

FINDINGS: Final[dict[str, str]] = {
    "nothing_counted": N_("Too few applications are counted under these filters to say anything."),
    "approval_contrast": N_(
        "Approvals differ: {rate_high} for {band_high} against {rate_low} for {band_low} ({difference})."
    ),
    "default_contrast": N_(
        "Defaults differ: {rate_high} for {band_high} against {rate_low} for {band_low} ({difference})."
    ),
    "approval_trend_rising": N_(
        "Approvals rise from band to band: {rate_first} in the first, {rate_last} in the last."
    ),
    "approval_trend_falling": N_(
        "Approvals fall from band to band: {rate_first} in the first, {rate_last} in the last."
    ),
    "default_trend_rising": N_("Defaults rise from band to band: {rate_first} in the first, {rate_last} in the last."),
    "default_trend_falling": N_("Defaults fall from band to band: {rate_first} in the first, {rate_last} in the last."),
    "approved_too_easily": N_(
        "{band} is approved more often than all ({approval_rate} against {approval_rate_all}) and defaults more often "
        "({default_rate} against {default_rate_all})."
    ),
    "declined_too_often": N_(
        "{band} is approved less often than all ({approval_rate} against {approval_rate_all}) though it defaults less "
        "often ({default_rate} against {default_rate_all})."
    ),
    "risk_underestimated": N_(
        "For {band} the model expects {mean_probability} of defaults; {default_rate} were observed."
    ),
    "risk_overestimated": N_(
        "For {band} the model expects {mean_probability} of defaults; only {default_rate} were observed."
    ),
    "costly_band": N_("{band} makes {cost_share} of the expected cost with {share} of the applications."),
    "concentration": N_("{share} of the applications lie in one band: {band}."),
    "few_outcomes": N_("Only {observed} outcomes are known; default rates are firm from about {wanted} on."),
}
ADVICE: Final[dict[str, str]] = {
    "check_more_documents": N_("{band}: ask for proof of income and of employment before an approval."),
    "tighten_band": N_("{band}: set a lower limit or a stricter threshold, and try it on past applications first."),
    "review_declines": N_(
        "{band}: have a sample of the declines reviewed by a person, and see whether they would repay."
    ),
    "loosen_band": N_("{band}: try a higher threshold on past applications; good customers may be lost here."),
    "recalibrate": N_("{band}: calibrate the model again; its probabilities do not fit what happens here."),
    "price_or_limit": N_(
        "{band}: let the price or the limit of the credit carry the risk, or the band costs the others."
    ),
    "diversify": N_("Win applicants outside {band}, so that one group's bad year is not the bank's."),
    "explain_difference": N_("Be ready to explain why {band_high} is approved so much more often than {band_low}."),
    "review_fairness": N_(
        "The law protects this attribute: no rule may be built on it. Have the difference looked at by whoever answers "
        "for fair lending."
    ),
    "collect_outcomes": N_("Let repayments and defaults be reported: without them, default rates stay uncertain."),
}
_RATES: Final = ("rate", "share", "probability")


def finding_words(code: str, values: Values, band_name: Callable[[str], str]) -> str:
    """Return a finding as a sentence; the code itself where a later API has one that is not known here."""
    direction = values.get("direction")
    text = FINDINGS.get(f"{code}_{direction}" if direction else code)
    return code if text is None else _capital(_(text).format_map(_Told(values, band_name)))


def advice_words(code: str, values: Values, band_name: Callable[[str], str]) -> str:
    """Return a recommendation as a sentence."""
    text = ADVICE.get(code)
    return code if text is None else _capital(_(text).format_map(_Told(values, band_name)))


class _Told(dict[str, str]):
    """The numbers of a finding as they are said; bands by their names, rates as percentages."""

    def __init__(self, values: Values, band_name: Callable[[str], str]) -> None:
        super().__init__({name: _told(name, value, band_name) for name, value in values.items()})

    def __missing__(self, name: str) -> str:
        return "–"


def _told(name: str, value: float | int | str | None, band_name: Callable[[str], str]) -> str:
    if isinstance(value, str):
        return band_name(value) if name.startswith("band") else value
    if value is None:
        return "–"
    if name == "difference":
        return in_points(value)
    return percent(value) if any(part in name for part in _RATES) else number(value)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
