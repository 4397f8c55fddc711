"""Requests, answers and streams of one dialect in the words of another."""
