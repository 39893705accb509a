"""Random histories of permissions, after which three ways of reading must agree: Athena, Glue, and the oracle.

python -m mocklake.histories --count 25 --seed 1
"""
