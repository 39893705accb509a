"""Access reviews, in which data owners keep or revoke live grants."""
