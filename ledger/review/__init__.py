"""People's decisions: the queue of reviews, who may decide what, and what becomes of it."""
