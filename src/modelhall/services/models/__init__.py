"""The models of the library: sync, activate, price, remove, and which one is the default."""
