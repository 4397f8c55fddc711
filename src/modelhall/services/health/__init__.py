"""How models are doing, from what their calls told."""
