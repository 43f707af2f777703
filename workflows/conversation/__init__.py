"""What people say around a case, outside the decision: comments that mention others, and stock phrases."""
