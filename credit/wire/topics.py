"""The names of all topics, once for every room."""

from __future__ import annotations

APPLICATIONS_TOPIC = "loan-applications"
DECISIONS_TOPIC = "loan-decisions"
AUDIT_TOPIC = "loan-audit"
DEAD_LETTERS_TOPIC = "loan-applications-dlq"
OUTCOMES_TOPIC = "loan-outcomes"
SHADOW_TOPIC = "loan-shadow"
