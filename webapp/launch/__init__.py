"""What stands between a bare machine and a running product: PostgreSQL, processes, their beginning and their end.

Nothing here knows a page or a process of the company. ``bootstrap`` alone runs before the virtual environment exists
and therefore uses the standard library only.
"""


class LaunchError(Exception):
    """Something that keeps the product from starting, said in one line that an operator can act on."""
