"""The tables, as SQLAlchemy Core knows them; migrations make them."""
