"""What people fill in around a case: comments, copies, stock phrases."""

from flask_babel import lazy_gettext as _

from forms.base import ProcessForm
from forms.fields import DocumentsField, TextField, needed
from forms.naming import PeopleField
from workflows.conversation.model import LONGEST_COMMENT, LONGEST_PHRASE


class CommentForm(ProcessForm):
    """A comment: what is said, who else is told, files."""

    text = TextField(_("Comment"), [needed()], longest=LONGEST_COMMENT, lines=True)
    tell = PeopleField(_("Tell"))
    attachments = DocumentsField(_("Attachments"), most=10)


class CopyForm(ProcessForm):
    """A copy sent by hand: to whom, and with what words."""

    copy_to = PeopleField(_("Copy to"), [needed()])
    note = TextField(_("Note"), longest=500)


class SentAlongForm(ProcessForm):
    """The copies that go out with a request or a decision."""

    copy_to = PeopleField(_("Copy to"))
    copy_note = TextField(_("Note"), longest=500)


class PhraseForm(ProcessForm):
    """A stock phrase."""

    text = TextField(_("Phrase"), [needed()], longest=LONGEST_PHRASE)
