"""What tests of several rooms share: a real PostgreSQL, a closed network, made-up secrets that must not show up."""
