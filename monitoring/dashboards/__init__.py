"""Grafana as code: four dashboards, pushed by API or provisioned from files, both from here."""

from __future__ import annotations

from monitoring.dashboards.boards import BOARDS
from monitoring.dashboards.push import Event, Pushed, push

__all__ = ["BOARDS", "Event", "Pushed", "push"]
