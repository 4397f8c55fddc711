"""Aliases: an organisation's own names for models, with what to fall back to."""
