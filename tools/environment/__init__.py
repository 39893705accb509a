"""The environment of a run: PostgreSQL, the pretend AWS, workers, and actions of people."""
