"""One file per vendor, found by discovery; none knows of another."""
