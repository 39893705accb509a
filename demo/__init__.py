"""What a newcomer meets: the self-made environment, embedded services, the supervisor, seed and verdict."""
