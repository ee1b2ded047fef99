"""Drift drawn by Evidently: of a window's sample by a process of its own, or of two files."""
