"""The states that people see, and the rules by which internal states become one."""
