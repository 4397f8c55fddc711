"""How an organisation wants its library kept."""
