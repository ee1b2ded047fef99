"""An application as a person reads and types it: fields with labels, units, checks; no page, no request."""
