"""Values of Lake Formation: ARNs, permissions, filters, links, column sets, LF-Tag expressions, row rules."""
