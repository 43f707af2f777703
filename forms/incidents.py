"""What an administrator fills in in order to mend an incident."""

from flask_babel import lazy_gettext as _
from wtforms import StringField, TextAreaField
from wtforms.validators import Length

from forms.accounts import needed
from forms.page import PageForm


class MendForm(PageForm):
    """Why, and to whom where somebody is to take over."""

    to = StringField(_("To whom"), validators=[Length(max=64)])
    reason = TextAreaField(_("Reason"), validators=[needed(), Length(max=500)])
