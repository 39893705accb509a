"""The mechanism of decisions: what somebody asks for or proposes, and somebody else approves or rejects. No tables."""
