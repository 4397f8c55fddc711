"""Several server processes: a parent that starts and keeps them, and what they say to each other."""
