"""What was decided lately: counts of audit records by event time, exact whatever happens to the process."""
