"""The decision of one approver, the same in every process: approve, return or reject, signed where the step asks it."""

from typing import Any

from flask_babel import lazy_gettext as _
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]

from forms.fields import ChoiceField, TextField, needed
from forms.signature import SignableForm


class DecisionForm(SignableForm):
    """Approve, return for changes, or reject; the latter two with a reason."""

    opinion = TextField(_("Opinion"), longest=1000, lines=True)
    return_to = TextField(_("Return to"), longest=64)
    resume = ChoiceField(
        _("After the changes"),
        choices=[
            SelectChoice("restart", _("Ask everyone again from there on")),
            SelectChoice("direct", _("Come straight back to me")),
        ],
    )
    decision = ChoiceField(
        _("Decision"),
        [needed()],
        choices=[
            SelectChoice("approve", _("Approve")),
            SelectChoice("return", _("Return for changes")),
            SelectChoice("reject", _("Reject")),
        ],
    )
    is_opinion_required = False
    opinion_rule = _("A written opinion is required (H12.1).")

    def check(self) -> None:
        """A reason goes with everything but an approval."""
        if not self.opinion.data and self.decision.data != "approve":
            self.put("opinion", _("Please give a reason."))
        elif not self.opinion.data and self.is_opinion_required:
            self.put("opinion", self.opinion_rule)

    def answer(self) -> dict[str, Any]:
        """The typed values; to whom it goes and where it goes on are meant only when it is returned."""
        resume, to = self.resume.data or "restart", self.return_to.data or None
        is_return = self.decision.data == "return"
        return {**self.data, "return_to": to if is_return else None, "resume": resume if is_return else None}


class DirectorForm(DecisionForm):
    """The director's decision, always with a written opinion (H12.1)."""

    is_opinion_required = True
