"""Pages that only the demo has: the tour, the persona switcher, *Try to break it*, the style guide."""
