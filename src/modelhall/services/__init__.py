"""The verbs of the control plane: one use case per file, a folder per noun."""
