"""The company's own working days: what goes before the public calendar, who said so, and what a year looks like."""
