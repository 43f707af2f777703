"""The expense advance (domain.md section 2, source clauses H11 and H12): request, approval, payment and clearing.

``model`` holds the tables, ``ledger`` the figures that are derived from entries, ``standing`` the state of an advance,
``request`` … ``settle`` the functions that the two diagrams call, ``process`` hands all of it to the engine.
"""

from workflows.advance.process import PROCESSES

__all__ = ["PROCESSES"]
