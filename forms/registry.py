"""Which form belongs to which step: (process key, element id) -> class.

What colleagues answer whom a signer asked has the same form in every process, under an id of its own.
"""

from forms.advance import FORMS as ADVANCE
from forms.approvals import COMMON
from forms.base import ProcessForm
from forms.complaint import FORMS as COMPLAINT
from forms.registration_contest import FORMS as REGISTRATION_CONTEST
from forms.sale_acts import FORMS as SALE
from forms.sale_refund import FORMS as SALE_REFUND
from workflows.kernel.errors import NotFound

FORMS: dict[tuple[str, str], type[ProcessForm]] = {
    **ADVANCE, **REGISTRATION_CONTEST, **COMPLAINT, **SALE, **SALE_REFUND,
}  # fmt: skip


def has_form(process_key: str, element_id: str) -> bool:
    """Whether a step has a form; asked when a diagram is deployed."""
    return (process_key, element_id) in FORMS


def form_class(process_key: str, element_id: str) -> type[ProcessForm]:
    """The form of a step, or one that all processes share; raises ``NotFound`` for a step without one."""
    try:
        return COMMON[element_id] if element_id in COMMON else FORMS[process_key, element_id]
    except KeyError:
        raise NotFound("There is no such form.") from None
