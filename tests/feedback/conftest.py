"""Reps who report and marketing that answers: the company of the promises, on one database or on each."""

from tests.sla.conftest import anywhere, here

__all__ = ["anywhere", "here"]
