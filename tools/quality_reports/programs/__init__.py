"""Run in environments of their own, one for each tool: they import nothing of ours."""
