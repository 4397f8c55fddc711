"""What goes in and out of the control API, as JSON."""
