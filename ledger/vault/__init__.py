"""Erasure by key: what is personal is sealed with a key of the client's own, and forgotten by destroying that key."""
