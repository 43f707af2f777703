"""The table of sales as rows for spreadsheets."""

from collections.abc import Sequence

from flask_babel import gettext as _

from webapp.i18n import localized
from webapp.sales import words
from webapp.spreadsheets import Cell
from workflows.sale.finding import Card
from workflows.sale.model import SaleStatus, Stage


def sale_rows(cards: Sequence[Card]) -> list[list[Cell]]:
    """The sales below the names of the columns."""
    heads: list[Cell] = [
        _("Number"), _("Sale"), _("Customer"), _("Owner"), _("Stage"), _("Status"), _("Expected amount (yuan)"),
        _("Expected on"), _("In this stage since"),
    ]  # fmt: skip
    return [heads] + [
        [
            card.number, card.title, card.customer, localized(card.owner, card.owner_en),
            str(words.STAGES[Stage(card.stage)]), str(words.STATUSES[SaleStatus(card.status)][0]), card.expected,
            card.expected_on.isoformat(), card.stage_since.date().isoformat(),
        ]
        for card in cards
    ]  # fmt: skip
