"""Where the engine stops for a person: valves and holds."""
