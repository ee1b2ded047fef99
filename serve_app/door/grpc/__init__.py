"""The gRPC side of the door: `decisions.proto`, what `make generate` makes of it, and the methods behind it."""
