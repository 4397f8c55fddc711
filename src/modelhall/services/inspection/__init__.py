"""Looks at a house that is not open, and changes nothing: for `modelhall doctor`."""
