"""The same services through another door: commands for people (tables) and programs (`--json`)."""
