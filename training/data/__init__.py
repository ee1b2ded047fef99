"""Home Credit's tables: generated, found, checked, aggregated, and assembled into the matrix that is learned from."""
