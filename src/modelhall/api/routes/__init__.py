"""The control API's routes, a file per noun."""
