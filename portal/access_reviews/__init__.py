"""Access reviews and their evidence."""
