"""One scope at a time: claim it, read AWS, plan, send what is missing, prove what was seen."""
