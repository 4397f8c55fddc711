"""One file per step of the schema, the oldest first."""
