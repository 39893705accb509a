"""By when an item should be decided, and the reminders when it is not."""
