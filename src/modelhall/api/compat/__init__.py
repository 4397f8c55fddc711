"""Routes of older programs, at the root, exactly as those expect them."""
