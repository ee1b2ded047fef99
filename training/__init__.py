"""From Home Credit's tables to a registered model and a filled feature store."""
