"""The pages of the customer archive."""
