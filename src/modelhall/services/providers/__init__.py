"""Which vendors the house knows."""
