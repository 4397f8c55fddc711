"""Which model for which use: weighed by facts, prices, health and speed, with the reasons in words and numbers."""
