"""A scripted incident: a stack of its own, a real stream, worse inputs, the right alerts, and recovery."""
