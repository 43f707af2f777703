"""People and departments, looked after by administrators in the browser."""
