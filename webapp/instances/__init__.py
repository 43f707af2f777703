"""The page of one case: its way, its history, its documents and its diagram."""
