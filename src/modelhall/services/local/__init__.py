"""The built-in model: fetch the engine, run it in a process of its own, and say how it is."""
