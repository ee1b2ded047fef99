"""The files of Grafana's provisioning, from the same code; `make generate` writes them."""

from __future__ import annotations

import json

from monitoring.dashboards.boards import BOARDS
from monitoring.dashboards.build import DATASOURCE_UID, dashboard_json

FOLDER = "Loanstream"
PROMETHEUS_URL = "http://prometheus:9090"


def data_source(url: str = PROMETHEUS_URL) -> dict[str, object]:
    """Return the Prometheus data source, as Grafana's API and its provisioning take it."""
    return {
        "name": "Loanstream Prometheus",
        "uid": DATASOURCE_UID,
        "type": "prometheus",
        "access": "proxy",
        "url": url,
        "isDefault": True,
        "jsonData": {"httpMethod": "POST", "timeInterval": "15s"},
    }


def grafana_files() -> dict[str, str]:
    """Return every file below deploy/grafana: path -> content. JSON is YAML, which Grafana reads."""
    files = {f"dashboards/{board.uid}.json": _text(dashboard_json(board)) for board in BOARDS}
    files["provisioning/datasources/loanstream.yml"] = _text({"apiVersion": 1, "datasources": [data_source()]})
    provider = {
        "name": "loanstream",
        "folder": FOLDER,
        "type": "file",
        "allowUiUpdates": False,
        "options": {"path": "/var/lib/grafana/dashboards"},
    }
    files["provisioning/dashboards/loanstream.yml"] = _text({"apiVersion": 1, "providers": [provider]})
    return files


def _text(document: dict[str, object]) -> str:
    return json.dumps(document, indent=2, sort_keys=True) + "\n"
