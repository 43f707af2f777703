"""SpiffWorkflow, wrapped: what runs a case. Nothing outside this folder imports the library."""
