"""Members: who is in an organisation with what role; the person behind a member, switched off or forgotten."""
