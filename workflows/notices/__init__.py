"""What people are told: lines in the bell, the channels they leave by, and what became of each delivery."""
