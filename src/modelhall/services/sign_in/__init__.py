"""Signing in by OpenID Connect, and bearer tokens of the same providers."""
