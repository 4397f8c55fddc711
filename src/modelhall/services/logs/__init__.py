"""How the process writes its log."""
