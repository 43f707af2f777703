"""Around a case: comments, copies, urging; and each person's stock phrases."""
