"""What stands inside diagrams: conditions in a sandbox, and decision tables, both exact."""
