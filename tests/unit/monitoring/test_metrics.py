"""The names of the monitor's metrics."""

from __future__ import annotations

import re

from monitoring import metrics

NAMES = {value for name, value in vars(metrics).items() if name.isupper() and isinstance(value, str)}
# A counter's name ends in what it counts, and Prometheus adds `_total`; all else ends in its unit.
COUNTED = r"(decisions|modes|letters|records|outcomes|failures|applications|offsets|count)"
UNITS = r"(seconds|ratio|psi|distance|units)"


def test_every_metric_has_a_text_and_ends_in_a_unit() -> None:
    """Each constant stands in HELP, HELP names nothing else, and no name leaves its unit open."""
    assert set(metrics.HELP) == NAMES
    assert [name for name in NAMES if not re.search(rf"_({COUNTED}|{UNITS})$", name)] == []
    assert all(text.endswith(".") for text in metrics.HELP.values())
