"""Small calls that a person asks for to see how a model does: before it is saved, and after."""
