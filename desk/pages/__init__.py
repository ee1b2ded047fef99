"""One file a page, each with `show(desk)`; what they compute stands elsewhere."""
