"""Charts as inline SVG: numbers in, positions for a template out."""
