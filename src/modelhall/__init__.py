"""Modelhall: a self-hosted model library and gateway for language models."""

__version__ = "0.1.0"
