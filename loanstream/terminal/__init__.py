"""What a person sees in a terminal, for every command: steps of a start, addresses, progress."""
