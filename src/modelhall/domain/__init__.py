"""The nouns of the house and their arithmetic: no I/O, no clock, no third party."""
