"""What the model that decides goes by, for people who look: answered beside decisions, from its folder's own files."""
