"""Projects: what groups keys, with a default model, allowed models and parameters of their own."""
