"""Evidence: what people know of where a provider's or model's data goes, and what follows when it is lost."""
