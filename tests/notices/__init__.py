"""Notices: who is told, by which channel, and that nothing goes out twice."""
