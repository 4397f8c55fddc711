"""Vendors as data: where they are, what they speak, how they list their models and tell their usage."""
