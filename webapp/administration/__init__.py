"""What administrators look after: every case, the work of leavers, and what the diagrams say."""
