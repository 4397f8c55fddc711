"""Verbs on calls that are not made."""
