"""Calls that are explained instead of made, and calls that the house makes for a person."""
