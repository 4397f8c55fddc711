"""The configuration as a text that can be kept and compared."""
