"""Each behaviour of mocklake as a plain YAML file, and what runs the files against mocklake, AWS or the command line.

`README.md` beside this file is the format.
"""
