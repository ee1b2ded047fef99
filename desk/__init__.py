"""The advisers' pages: a client of the HTTP API and of nothing else."""
