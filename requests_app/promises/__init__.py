"""By when an ask should be decided, and what happens when that time has passed."""
