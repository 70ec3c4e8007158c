"""Workbooks and CSV files that a manager can use at once."""
