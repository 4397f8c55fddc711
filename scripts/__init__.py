"""Small programs that `make` calls."""
