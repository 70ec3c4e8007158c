"""What Tandem knows and does, one room per subject."""
