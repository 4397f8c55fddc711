"""Who is asking, and sign-in with a one-time link."""
