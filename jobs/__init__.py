"""What the clock does: one file a job; scheduler.py only wires. Every job may run twice and does nothing twice."""
