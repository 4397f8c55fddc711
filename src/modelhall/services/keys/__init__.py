"""Keys by which programs act: make, list, delete."""
