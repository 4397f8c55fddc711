"""Persons: their logins and passwords, changed and reset."""
