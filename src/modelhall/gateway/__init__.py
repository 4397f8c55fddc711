"""The data plane: the five steps of a call, from a request at a door to a row in the journal."""
