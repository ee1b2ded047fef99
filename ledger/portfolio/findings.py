"""What a theme's bands say, as codes with numbers, and what may be done about it; the desk puts both into words.

A finding is given only where it cannot well be chance: intervals of 95 % that do not overlap, or a trend beyond three
standard errors. In a theme by which nobody may be decided, what would be a rule elsewhere is a question of fairness.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from ledger.portfolio.themes import FEWEST, BandTally, ThemeTally, shown

FindingValue = float | int | str | None
Rate = Callable[[BandTally], tuple[float, float, float]]
Horizon = Literal["operational", "strategic"]

_CONCENTRATED: Final = 0.4
_COSTLY: Final = 1.25
_TREND_Z: Final = 3.0
_FEW_OUTCOMES: Final = 200


@dataclass(frozen=True, slots=True)
class BandFinding:
    """One thing that the bands say: a stable code, and its numbers by name."""

    code: str
    values: dict[str, FindingValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class BandAdvice:
    """What may be done about a finding, at the desk (operational) or by policy (strategic)."""

    code: str
    horizon: Horizon
    values: dict[str, FindingValue] = field(default_factory=dict)


def findings_of(tally: ThemeTally) -> list[BandFinding]:
    """Return what the bands say, the largest contrasts first."""
    bands = [band for band in tally.known if band.count >= FEWEST]
    if not bands:
        return [BandFinding("nothing_counted")]
    found = [
        *_contrast("approval_contrast", bands, lambda band: band.approval),
        *_contrast("default_contrast", bands, lambda band: band.default),
    ]
    if tally.theme.ordered:
        ordered = [band for band in bands if band.low is not None]
        found += _trend("approval_trend", [(band.approved, band.count) for band in ordered])
        found += _trend("default_trend", [(band.defaults, band.observed) for band in ordered])
    found += _apart_from_all(bands)
    found += _concentration(bands)
    found += _cost(bands)
    observed = sum(band.observed for band in bands)
    if observed < _FEW_OUTCOMES:
        found.append(BandFinding("few_outcomes", {"observed": observed, "wanted": _FEW_OUTCOMES}))
    return found


# What a finding recommends: code, horizon, and what it is in a protected theme; None for nothing there.
_ADVICE: Final[dict[str, tuple[tuple[str, Horizon, str | None], ...]]] = {
    "approved_too_easily": (
        ("check_more_documents", "operational", None),
        ("tighten_band", "strategic", "review_fairness"),
    ),
    "declined_too_often": (
        ("review_declines", "operational", "review_fairness"),
        ("loosen_band", "strategic", None),
    ),
    "risk_underestimated": (("recalibrate", "strategic", "recalibrate"),),
    "risk_overestimated": (("recalibrate", "strategic", "recalibrate"),),
    "costly_band": (("price_or_limit", "strategic", "review_fairness"),),
    "concentration": (("diversify", "strategic", None),),
    "approval_contrast": (("explain_difference", "operational", "review_fairness"),),
    "few_outcomes": (("collect_outcomes", "operational", "collect_outcomes"),),
}


def recommendations_of(tally: ThemeTally, findings: Sequence[BandFinding]) -> list[BandAdvice]:
    """Return what may be done about findings, each piece of advice once a band."""
    made: dict[tuple[str, FindingValue], BandAdvice] = {}
    for finding in findings:
        for code, horizon, if_protected in _ADVICE.get(finding.code, ()):
            given = if_protected if tally.theme.protected else code
            if given is not None:
                advice = BandAdvice(given, horizon, {"because": finding.code, **finding.values})
                made.setdefault((given, finding.values.get("band")), advice)
    return list(made.values())


def _contrast(code: str, bands: Sequence[BandTally], rate: Rate) -> Iterator[BandFinding]:
    rated = [(band, *rate(band)) for band in bands if not math.isnan(rate(band)[0])]
    if len(rated) < 2:
        return
    high = max(rated, key=lambda one: one[2])
    low = min(rated, key=lambda one: one[3])
    if high[2] > low[3]:
        yield BandFinding(
            code,
            {
                "band_high": high[0].word,
                "rate_high": shown(high[1], 4),
                "band_low": low[0].word,
                "rate_low": shown(low[1], 4),
                "difference": shown(high[1] - low[1], 4),
            },
        )


def _trend(code: str, parts: Sequence[tuple[int, int]]) -> Iterator[BandFinding]:
    """Test whether a share rises or falls along the bands (Cochran 1954, Armitage 1955), which stand one apart."""
    parts = [(part, n) for part, n in parts if n >= FEWEST]
    total, n = sum(part for part, _ in parts), sum(count for _, count in parts)
    if len(parts) < 3 or not 0 < total < n:
        return
    mean = total / n
    centre = sum(place * count for place, (_, count) in enumerate(parts)) / n
    slope = sum((place - centre) * (part - count * mean) for place, (part, count) in enumerate(parts))
    spread = mean * (1 - mean) * sum(count * (place - centre) ** 2 for place, (_, count) in enumerate(parts))
    z = slope / math.sqrt(spread) if spread > 0 else 0.0
    if abs(z) >= _TREND_Z:
        first, last = parts[0], parts[-1]
        yield BandFinding(
            code,
            {
                "direction": "rising" if z > 0 else "falling",
                "z": shown(z, 2),
                "rate_first": shown(first[0] / first[1], 4),
                "rate_last": shown(last[0] / last[1], 4),
            },
        )


def _apart_from_all(bands: Sequence[BandTally]) -> Iterator[BandFinding]:
    """Find bands whose approvals and defaults lie on sides that do not fit, or whose risk the model misjudges."""
    count, approved = sum(b.count for b in bands), sum(b.approved for b in bands)
    observed, defaults = sum(b.observed for b in bands), sum(b.defaults for b in bands)
    if not observed:
        return
    approval, default = approved / count, defaults / observed
    for band in bands:
        (rate, low, high), (bad, bad_low, bad_high) = band.approval, band.default
        if math.isnan(bad):
            continue
        told: dict[str, FindingValue] = {
            "band": band.word,
            "approval_rate": shown(rate, 4),
            "default_rate": shown(bad, 4),
        }
        of_all: dict[str, FindingValue] = {
            "approval_rate_all": shown(approval, 4),
            "default_rate_all": shown(default, 4),
        }
        if low > approval and bad_low > default:
            yield BandFinding("approved_too_easily", told | of_all)
        elif high < approval and bad_high < default:
            yield BandFinding("declined_too_often", told | of_all)
        expected = band.probability / band.count
        if not bad_low <= expected <= bad_high:
            yield BandFinding(
                "risk_underestimated" if expected < bad_low else "risk_overestimated",
                {"band": band.word, "mean_probability": shown(expected, 4), "default_rate": shown(bad, 4)},
            )


def _concentration(bands: Sequence[BandTally]) -> Iterator[BandFinding]:
    count = sum(band.count for band in bands)
    largest = max(bands, key=lambda band: band.count)
    if len(bands) > 2 and largest.count > _CONCENTRATED * count:
        yield BandFinding("concentration", {"band": largest.word, "share": shown(largest.count / count, 4)})


def _cost(bands: Sequence[BandTally]) -> Iterator[BandFinding]:
    count, cost = sum(band.count for band in bands), sum(band.cost for band in bands)
    if cost <= 0:
        return
    worst = max(bands, key=lambda band: band.cost - cost * band.count / count)
    share, part = worst.count / count, worst.cost / cost
    if part > _COSTLY * share:
        yield BandFinding("costly_band", {"band": worst.word, "cost_share": shown(part, 4), "share": shown(share, 4)})
