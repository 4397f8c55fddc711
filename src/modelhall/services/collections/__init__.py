"""Collections: named sets of models in an order of their own."""
