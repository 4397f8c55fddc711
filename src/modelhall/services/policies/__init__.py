"""Policies: what an organisation, a project or a key demands of the models that its calls go to."""
