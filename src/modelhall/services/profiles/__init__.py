"""Profiles: accounts and servers of providers, with their keys."""
