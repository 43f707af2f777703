"""Forms: one module a process, the same for pages and for the API, and those of pages that belong to no process."""
