"""Everything there is to choose from, in one search: your models, what providers list, what the catalog knows."""
