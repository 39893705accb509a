"""One decision on several items that are alike: due after a while, undoable until then, each item checked when it is carried out."""
