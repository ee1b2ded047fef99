"""Colours and edges that every drawing in the terminal shares."""

from __future__ import annotations

OUTCOME_COLOUR = {"approve": "green", "refer": "yellow", "decline": "red"}
EDGE = "bright_black"
