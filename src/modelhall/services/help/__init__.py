"""What to do when something does not work: topics with causes, and the next step after a refusal."""
