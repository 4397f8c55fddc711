"""What was used, and what one call was made of."""
