"""People who leave: what only they decide, who takes it over, and their deactivation."""
