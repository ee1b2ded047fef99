"""The five dashboards. Metrics are named as their writers name them.

`monitoring.metrics` names ours; `ray_loanstream_...` are those of serving and the gateway; `ray_serve_...` Ray's own.
"""

from __future__ import annotations

from monitoring.dashboards.ledger_board import LEDGER
from monitoring.dashboards.model_board import MODEL
from monitoring.dashboards.ray_board import RAY
from monitoring.dashboards.service_board import SERVICE
from monitoring.dashboards.stream_board import STREAM

BOARDS = (SERVICE, STREAM, RAY, MODEL, LEDGER)
