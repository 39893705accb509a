"""What a run stands on: PostgreSQL, the pretend AWS, workers as processes or in this one, people who act."""
