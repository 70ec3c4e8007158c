"""What an operator may change: the environment (settings) and the rules both teams agreed (policy)."""
