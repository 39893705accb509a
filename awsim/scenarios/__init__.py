"""Each behaviour of awsim as a plain YAML file, and what runs the files against awsim, AWS or the command line.

`README.md` beside this file is the format.
"""
