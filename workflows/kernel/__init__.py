"""The ground floor: what every slice may import and what imports no slice."""
