"""One driver for every door: closed loop (so many callers) and open loop (arrivals that wait for no answer)."""
