"""Values of Lake Formation: ARNs, permissions, links, column sets, LF-Tag expressions, row filters."""
