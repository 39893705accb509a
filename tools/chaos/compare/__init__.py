"""What was approved, what AWS holds, and how they differ; nothing of the engine is used."""
