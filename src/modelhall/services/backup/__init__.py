"""Backups and the change of the master key."""
