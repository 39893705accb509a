"""The main job on the running site, step by step, with its verdict."""
