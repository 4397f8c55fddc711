"""The library as older programs know it: two endpoint types with plain lists of models, and a person's settings."""
