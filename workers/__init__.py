"""The side that acts: claims scopes, observes AWS, sends, verifies, seals, syncs. No models, no views."""
