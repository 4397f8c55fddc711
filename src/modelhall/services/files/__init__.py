"""Configuration files: the document, and what becomes of it: plan, apply, drift, undo."""
