"""The bench: its arithmetic, and that what it compares with sells."""
