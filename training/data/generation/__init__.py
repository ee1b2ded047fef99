"""Synthetic Home Credit clients: one latent risk a client, seen through all seven tables."""
