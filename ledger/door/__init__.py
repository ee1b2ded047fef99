"""The ledger's HTTP door: a process of its own, so that reading never slows deciding."""
