"""Grafana as code: four dashboards, pushed by API or provisioned from files, both from here."""
