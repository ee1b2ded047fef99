"""What an incident concludes."""

from __future__ import annotations

from benchmarks.incident.forecast import Alert, Figure, Forecast
from benchmarks.incident.verdict import expected_of, verdict

KNOWN: Alert = ("FeatureDrift", "AMT_REQ_CREDIT_BUREAU_MON")


INCOME: Alert = ("FeatureDrift", "INCOME_TO_AGE")


GONE: Alert = ("FeatureMissing", "EXT_SOURCE_2")


EDGE: Alert = ("FeatureDrift", "ANNUITY_TO_INCOME")


def forecast(**shares: float) -> Forecast:
    """Return figures at these shares of their bounds, which windows of 5,000 stray from by a tenth of the bound."""
    alerts = {"known": KNOWN, "income": INCOME, "gone": GONE, "edge": EDGE}
    return Forecast({alerts[name]: Figure(share, 0.1, 1.0, 5000) for name, share in shares.items()})


QUIET = forecast(known=1.4, income=0.1, gone=0.0, edge=0.1)


WORSE = forecast(known=1.4, income=1.5, gone=3.3, edge=0.95)


def test_all_as_it_should_be() -> None:
    """Expected alerts fire and recover, one on the edge may fire, a known difference may fire all along."""
    result = verdict(QUIET, WORSE, {KNOWN}, {KNOWN, INCOME, GONE, EDGE}, {KNOWN})
    assert expected_of(QUIET, WORSE) == {INCOME, GONE}
    assert result.good
    assert result.line() == "expected=2 fired=2 unexpected=0 unresolved=0"


def test_each_fault_is_counted() -> None:
    """A missing alert, a wrong one and one that stays are each told."""
    result = verdict(QUIET, WORSE, {KNOWN}, {KNOWN, GONE, ("FeatureDrift", "AMT_CREDIT")}, {KNOWN, ("NoDecisions", "")})
    assert not result.good
    assert result.line() == "expected=2 fired=1 unexpected=1 unresolved=1"


def test_a_wrong_alert_before_the_incident_is_wrong_too() -> None:
    """What fires on the quiet stream without the data's warrant is unexpected, though it fired before."""
    result = verdict(QUIET, WORSE, {KNOWN, ("TargetDown", "")}, {KNOWN, INCOME, GONE}, set())
    assert result.line() == "expected=2 fired=2 unexpected=1 unresolved=0"


def test_an_alert_that_fired_already_proves_nothing() -> None:
    """An expected alert must be new: one that fired before the incident is wrong there and does not count."""
    result = verdict(QUIET, WORSE, {KNOWN, INCOME, GONE}, {INCOME, GONE}, set())
    assert result.line() == "expected=2 fired=0 unexpected=2 unresolved=0"


def test_a_known_difference_without_its_alert_is_a_fault() -> None:
    """Where the table differs from training and no alert says so, the incident has failed."""
    result = verdict(QUIET, WORSE, set(), {INCOME, GONE}, set())
    assert not result.good
    assert "AMT_REQ_CREDIT_BUREAU_MON did not fire" in result.faults[0]
