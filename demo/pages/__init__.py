"""Pages that only the demo has: tour, persona switcher, try to break it, caught mail, style guide."""
