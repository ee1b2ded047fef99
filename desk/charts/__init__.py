"""Charts as functions from data to figure: no page, no request, no browser."""
