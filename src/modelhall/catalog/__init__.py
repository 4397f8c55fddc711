"""The merged catalog that ships with the package: what the world offers, with the source and date of every field."""
