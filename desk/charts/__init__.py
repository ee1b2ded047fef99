"""Charts as functions from data to a figure, its words and its table: no page, no request, no browser."""
