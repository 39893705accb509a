"""`manage.py bench start`: from nothing, from an environment and from kept state until the demo has proven its main job."""
