"""How money is said to have changed hands, in every form that records it."""

from flask_babel import lazy_gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from workflows.kernel.money import Method

METHODS = [
    SelectChoice(Method.BANK_TRANSFER.value, _("Bank transfer")),
    SelectChoice(Method.CASH.value, _("Cash")),
    SelectChoice(Method.OTHER.value, _("Other")),
]
