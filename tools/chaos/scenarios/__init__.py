"""The parts of chaos, a module each."""
