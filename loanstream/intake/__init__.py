"""Applications on their way in: which table is streamed, how many wait, and holding back while too many do."""
