"""What a cluster's incidents cost, measured on one in network namespaces: `make bench-cluster`."""
