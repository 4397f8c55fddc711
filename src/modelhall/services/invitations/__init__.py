"""Invitations: how somebody becomes a member, without mail if need be."""
