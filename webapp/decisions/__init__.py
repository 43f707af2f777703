"""The pages on decision tables that are looked up late: reading, trying, changing, and their history."""
