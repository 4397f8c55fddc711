"""Serves the page: files of this package, nothing of another origin."""
