"""What asks that reach many tables have in common, whether by LF-Tags or as a whole database: what is found is shown
before it is asked for, and one domain answers for all of it.
"""
