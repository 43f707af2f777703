"""The pages on the price list."""
