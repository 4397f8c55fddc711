"""The doors of the data plane: each reads HTTP, knows its dialects, and runs the relay."""
