"""Tables that were dropped and created again under their name: whether their grants are kept."""
