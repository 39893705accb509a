"""What asker and deciders say to each other on an item, and what the asker changes because of it."""
