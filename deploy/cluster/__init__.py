"""A cluster on one Linux machine: each host is a set of namespaces with an address, files and processes of its own.

`python -m deploy.cluster up` starts brokers, stores, Ray's nodes, monitor and ledger on hosts of their own, joined by a
bridge, as they stand on machines of their own: found by address, by the same variables and the same Serve config.
"""
