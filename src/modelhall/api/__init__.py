"""The control API: each handler parses, calls one service, and renders."""
