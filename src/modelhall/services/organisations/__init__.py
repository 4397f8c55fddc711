"""Organisations: who owns what, apart from each other in one house."""
