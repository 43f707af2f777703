"""Working days in the browser: the year, one day, changes and undoing them, files, and how soon something is due."""
