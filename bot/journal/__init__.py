"""What happened, append-only: the history that every figure, audit and replay is made from."""
