"""Background tasks of each process: repetition, retries and health."""
