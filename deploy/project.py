"""Where the project is: on this machine, and in its images."""

from __future__ import annotations

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
IN_IMAGE = "/opt/loanstream"
