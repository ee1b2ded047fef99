"""Whether every application is answered, and how long the oldest waits: seen from outside the gateways."""
