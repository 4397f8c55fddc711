"""The benchmark: the gateway against a direct call, nginx and its peers, on one machine in one run."""
