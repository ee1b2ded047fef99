"""The monitor's own port: metrics, health, the status page and the reports' files."""
