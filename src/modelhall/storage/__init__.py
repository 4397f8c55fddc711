"""The only room that speaks SQL or writes the journal: one file per aggregate; rows in, domain objects out."""
