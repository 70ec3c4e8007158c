"""Obligations: who owes what by when. The ladder of reminders is built on these."""
