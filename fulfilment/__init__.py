"""What shall be true in AWS, and what was seen of it. Decisions write the one half, the engine the other."""
