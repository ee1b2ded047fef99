"""Applications beyond what a machine holds at once, decided part by part: here, or by the workers of a Ray cluster."""
