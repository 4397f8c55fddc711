"""Reads the configurations of other programs: what can be carried over becomes a document, the rest a report."""
