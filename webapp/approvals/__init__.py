"""What one does with a task besides answering it: bring colleagues in, hand it over, take a decision back."""
