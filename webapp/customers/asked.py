"""What an address narrows the list of customers to, for the list itself and for its exports."""

from typing import Any

from flask import request

from webapp.clock import request_today
from workflows.customers.finding import LONGEST_SEARCH, Wanted
from workflows.customers.model import Grade, Standing
from workflows.customers.scope import Slice

FILTERS = ("q", "grade", "standing", "industry", "owner", "due", "archived", "part")


def wanted_here(usual: Slice = Slice.ALL) -> Wanted:
    """What the address asks for; what it asks wrongly counts as not said. ``usual`` is the part that is shown then."""

    def one_of(name: str, offered: Any) -> str:
        said = request.args.get(name, "")
        return said if said in set(offered) else ""

    def text(name: str) -> str:
        return request.args.get(name, "").replace("\0", "").strip()[:LONGEST_SEARCH]

    return Wanted(
        search=text("q"), grade=one_of("grade", Grade), standing=one_of("standing", Standing),
        industry=text("industry"), owner=text("owner"), due_on=request_today() if request.args.get("due") else None,
        is_archived=bool(request.args.get("archived")), part=Slice(one_of("part", Slice) or usual),
    )  # fmt: skip
