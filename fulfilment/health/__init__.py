"""System health: the state of each scope, and calls to AWS per hour."""
