"""What people store for themselves: their own default model, and values for parameters they do not send."""
