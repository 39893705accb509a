"""The demo: bootstrap, embedded services, supervisor, seed data and verdict."""
