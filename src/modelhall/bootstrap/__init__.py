"""The composition root: the only room that knows which parts are real, and puts them together."""
