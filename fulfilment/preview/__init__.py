"""Previews of an approval's effects, from stored rows; no call to AWS."""
