"""The command line and the one-machine stack."""

__version__ = "0.1.0"
