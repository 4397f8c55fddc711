"""The schema's steps, one file each in `versions/`; never edited once released."""
