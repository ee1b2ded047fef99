"""How Loanstream is put onto machines: images, manifests, and a cluster of hosts that are network namespaces."""
