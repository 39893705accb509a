"""What a call answered that was sent under a key: sent again, it answers the same and does nothing more."""
