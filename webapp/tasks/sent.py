"""What somebody sent in order to start a case, to answer a task or to act on a case, from a page or from a program.

``Sent`` takes the step, commits it once, and keeps hold of the form, so that a refused page comes back filled in. A
step that fails for a reason that is no refusal is rolled back and kept as an incident together with what was sent
(``webapp.incidents.recording``); ``as_json`` and ``from_json`` carry it there and back.
"""

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from flask import request
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from forms.base import ProcessForm
from forms.json import from_json
from forms.registry import form_class
from webapp.addresses import ident
from webapp.conversation.sending import send_along
from webapp.documents.uploads import uploaded_pairs
from webapp.engine import engine
from webapp.errors import told
from workflows.engine.drafts import discard_draft, record_origin, refuse_copying
from workflows.engine.process import Actor
from workflows.engine.submissions import Result, Submitted
from workflows.kernel.errors import Invalid, Refusal

#: What a page sends besides the fields of its form.
_ENVELOPE = frozenset({"csrf_token", "idempotency_key", "revision", "draft", "copied_from"})
#: Printable ASCII, as long as the column of the idempotency ledger.
_KEY = re.compile(r"[\x21-\x7e]{1,120}")


@dataclass(slots=True)
class Sent:
    """One submission. ``pairs`` are a page's fields in their order, ``fields`` a program's JSON object.

    The copies that go out with a step stand among the pairs, whoever sent it.
    """

    key: str
    #: SHA-256 of what was sent, by which a repetition is told from another submission under the same key.
    digest: bytes
    process_key: str | None = None
    task_id: int | None = None
    revision: int | None = None
    pairs: list[tuple[str, str]] = field(default_factory=list)
    fields: Mapping[str, Any] | None = None
    form: ProcessForm | None = None
    #: The element that the form belongs to, once the step has found it.
    element_id: str | None = None
    #: The draft that a new case was begun as, and the case that it was copied from.
    draft: uuid.UUID | None = None
    copied_from: int | None = None
    #: The case that is acted on, and how (``workflows.engine.acts``).
    instance_id: int | None = None
    act: str | None = None

    @classmethod
    def by_page(
        cls,
        *,
        process_key: str | None = None,
        task_id: int | None = None,
        instance_id: int | None = None,
        act: str | None = None,
    ) -> "Sent":
        """Read what this request's page sent."""
        pairs = [(name, text) for name, text in request.form.items(multi=True) if name not in _ENVELOPE]
        revision = request.form.get("revision", type=int)
        digest = _digest(pairs)
        # Files are stored before the step, so that a page that comes back with errors still has them.
        pairs += uploaded_pairs()
        draft, copied_from = request.form.get("draft", type=uuid.UUID), request.form.get("copied_from", type=ident)
        sent = cls(page_key(), digest, process_key, task_id, revision, pairs, instance_id=instance_id, act=act)
        return replace(sent, draft=draft, copied_from=copied_from) if process_key is not None else sent

    @property
    def submitted(self) -> Submitted:
        """The submission as the engine's idempotency ledger wants it."""
        return Submitted(self.key, self.digest, self.revision)

    def read(self, process_key: str, element_id: str) -> Mapping[str, Any]:
        """Fill the form of a step with what was sent and give its typed answer; raises ``Invalid``."""
        self.element_id = element_id
        kind = form_class(process_key, element_id)
        self.form = kind(MultiDict(self.pairs)) if self.fields is None else from_json(kind, self.fields)
        if not self.form.validate():
            raise self.form.refusal()
        return self.form.answer()

    def step(self, session: Session, *, actor: Actor, now: dt.datetime) -> Result:
        """Take the step; the caller commits."""
        result = self._taken(session, actor=actor, now=now)
        if not result.replayed:
            self._leave_behind(session, result.instance_id, actor)
            case, element = result.instance_id, self.element_id
            send_along(session, self.pairs, instance_id=case, element_id=element, actor=actor, now=now)
        return result

    def _taken(self, session: Session, *, actor: Actor, now: dt.datetime) -> Result:
        if self.task_id is not None:
            return engine().complete(session, self.task_id, self.read, submitted=self.submitted, actor=actor, now=now)
        if self.instance_id is not None:
            return engine().act(
                session, self.instance_id, str(self.act), self.read, submitted=self.submitted, actor=actor, now=now
            )
        key = str(self.process_key)
        return engine().start(session, key, self.read, submitted=self.submitted, actor=actor, now=now)

    def _leave_behind(self, session: Session, instance_id: int, actor: Actor) -> None:
        """What was sent is a draft no longer, and the new case names the one that it was copied from."""
        if self.draft is not None:
            discard_draft(session, self.draft, owner_id=actor.id)
        if self.copied_from is not None:
            refuse_copying(session, self.copied_from, process_key=self.process_key, actor_id=actor.id)
            record_origin(session, instance_id, self.copied_from)

    def show(self, refusal: Refusal) -> None:
        """Put a refusal at the fields of the form, or above them; what the form found itself stands there already."""
        if self.form is None or any(self.form.errors.values()):
            return
        if isinstance(refusal, Invalid):
            self.form.show(refusal, told)
        else:
            self.form.form_errors = [*self.form.form_errors, told(refusal.message, refusal.params)]

    def texts(self) -> list[str]:
        """The longer texts that were typed, so that a refusal does not lose them."""
        return [text.strip() for name, text in self.pairs if name in ("opinion", "purpose", "note") and text.strip()]

    def as_json(self) -> dict[str, Any]:
        """As an incident keeps it."""
        kept: dict[str, Any] = {"key": self.key, "digest": self.digest.hex(), "revision": self.revision}
        kept |= self._at()
        kept |= {"draft": str(self.draft)} if self.draft else {}
        kept |= {"copied_from": self.copied_from} if self.copied_from else {}
        if self.fields is None:
            return {**kept, "format": "form", "fields": [list(pair) for pair in self.pairs]}
        return {**kept, "format": "json", "fields": dict(self.fields), "beside": [list(pair) for pair in self.pairs]}

    def _at(self) -> dict[str, Any]:
        if self.task_id is not None:
            return {"task_id": self.task_id}
        if self.instance_id is not None:
            return {"instance_id": self.instance_id, "act": self.act}
        return {"process_key": self.process_key}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "Sent":
        """Take up again what ``as_json`` gave."""
        digest = bytes.fromhex(kept["digest"])
        sent = cls(kept["key"], digest, kept.get("process_key"), kept.get("task_id"), kept.get("revision"))
        sent.draft = uuid.UUID(kept["draft"]) if "draft" in kept else None
        sent.copied_from = kept.get("copied_from")
        sent.instance_id, sent.act = kept.get("instance_id"), kept.get("act")
        if kept["format"] == "json":
            sent.fields = kept["fields"]
            sent.pairs = [(name, text) for name, text in kept.get("beside", [])]
        else:
            sent.pairs = [(name, text) for name, text in kept["fields"]]
        return sent


def page_key() -> str:
    """The idempotency key of this request's page. Whoever sends none, or no proper one, is not kept from repeating."""
    key = request.form.get("idempotency_key", "")
    return key if _KEY.fullmatch(key) else uuid.uuid4().hex


def _digest(pairs: list[tuple[str, str]]) -> bytes:
    """The digest of an address and of what a page sends there, so that one key never answers for two tasks.

    A file counts by its content: its number is new at every upload.
    """
    sha = hashlib.sha256(repr((request.path, sorted(pairs))).encode("utf-8", "surrogatepass"))
    for name, file in sorted(request.files.items(multi=True), key=lambda item: item[0]):
        sha.update(repr((name, file.filename)).encode("utf-8", "surrogatepass"))
        sha.update(hashlib.file_digest(file.stream, "sha256").digest())  # type: ignore[arg-type]
        file.stream.seek(0)
    return sha.digest()
