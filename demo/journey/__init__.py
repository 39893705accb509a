"""The main job, done on the running site, with its verdict."""
