"""The one-machine stack: a broker, Ray, the Serve graph and the monitor, with all state in one folder."""
