"""What the company sells: product lines, products with their list and floor prices, and who changed them."""
