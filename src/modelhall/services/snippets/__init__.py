"""Ready configurations that point other programs at this house; the key stays the name of a variable."""
