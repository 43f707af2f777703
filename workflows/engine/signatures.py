"""Handwritten signatures: strokes on a pad, stored sealed with the decision that they belong to.

A signature is a list of strokes, a stroke a list of points, a point two whole numbers inside a box of 600 × 200. It is
sealed with its task and its signer as associated data, so that it opens beside no other decision; the SHA-256 of what
was drawn stands in the hash-chained history of the case, which shows whether the drawing is the one that was made.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from workflows.engine.model import UserTask
from workflows.kernel.base import Base, Instant, Key
from workflows.kernel.crypto import Keyring, Unsealable
from workflows.kernel.errors import Invalid

WIDTH, HEIGHT = 600, 200
#: Bytes of the drawing as compact JSON.
LARGEST = 20_000
MOST_STROKES = 200
#: A dot is no signature.
FEWEST_POINTS = 2

#: Strokes of points of x and y.
Strokes = Sequence[Sequence[Sequence[int]]]


class Signature(Base):
    """One signature under one decision."""

    __tablename__ = "signature"

    id: Mapped[Key]
    task_id: Mapped[int] = mapped_column(ForeignKey("user_task.id"), index=True)
    signed_by_id: Mapped[int] = mapped_column(ForeignKey("employee.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    signed_at: Mapped[Instant]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A signature to be shown: ``paths`` are the ``d`` attributes of SVG paths, made of nothing but numbers."""

    task_id: int
    signed_at: dt.datetime
    paths: tuple[str, ...]


def sign(
    session: Session,
    keyring: Keyring,
    *,
    is_required: bool,
    task_id: int,
    signer_id: int,
    strokes: Strokes | None,
    decision: str,
    now: dt.datetime,
) -> dict[str, str]:
    """Store the signature under an approval, and give what the history says of it: ``{"signature": "<SHA-256>"}``.

    Only an approval is signed: with any other decision nothing is stored and the answer is empty. Raises ``Invalid`` at
    ``signature`` for an approval without the signature that its step requires, for one that no step asked for, and for
    strokes that are none.
    """
    if decision != "approve" or not (is_required or strokes):
        return {}
    if not is_required:
        raise Invalid.at("signature", "This step takes no signature.")
    if not strokes:
        raise Invalid.at("signature", "Please sign.")
    drawn = encoded(strokes)
    digest = hashlib.sha256(drawn.encode())
    session.execute(
        insert(Signature).values(
            task_id=task_id,
            signed_by_id=signer_id,
            sealed=keyring.seal(drawn, row=_row(task_id, signer_id)),
            sha256=digest.digest(),
            signed_at=now,
        )
    )
    return {"signature": digest.hexdigest()}


def encoded(strokes: Any) -> str:
    """Give strokes as the compact JSON that is sealed; raises ``Invalid`` at ``signature`` for what are none."""
    problem = problem_with(strokes)
    if problem:
        raise Invalid.at("signature", problem)
    return json.dumps(strokes, separators=(",", ":"))


def problem_with(strokes: Any) -> str | None:
    """Say what keeps this from being a signature, as a message id; None where nothing does."""
    if not isinstance(strokes, list) or not all(isinstance(stroke, list) for stroke in strokes):
        return "The signature cannot be read. Please clear it and sign again."
    points = [point for stroke in strokes for point in stroke]
    if not all(strokes) or not all(_is_point(point) for point in points):
        return "The signature cannot be read. Please clear it and sign again."
    if len(strokes) > MOST_STROKES or len(json.dumps(strokes, separators=(",", ":"))) > LARGEST:
        return "The signature is too long. Please clear it and sign again."
    if len({tuple(point) for point in points}) < FEWEST_POINTS:
        return "Please sign with more than a dot."
    return None


def drawings_of(session: Session, keyring: Keyring, task_ids: Iterable[int]) -> Mapping[int, Drawing]:
    """Give the newest signature under each of these tasks: task id -> drawing.

    One that no key opens any more, or that is not what was signed, is left out: nothing is shown rather than something
    that was never drawn under this decision.
    """
    wanted = list(task_ids)
    if not wanted:
        return {}
    rows = session.execute(
        select(Signature.task_id, Signature.signed_by_id, Signature.sealed, Signature.sha256, Signature.signed_at)
        .join(UserTask, UserTask.id == Signature.task_id)
        .where(Signature.task_id.in_(wanted), UserTask.status == "completed", UserTask.closed_at == Signature.signed_at)
        .order_by(Signature.id)
    )
    found = {}
    for row in rows:
        try:
            drawn = keyring.unseal(row.sealed, row=_row(row.task_id, row.signed_by_id))
        except Unsealable:
            continue
        if hashlib.sha256(drawn.encode()).digest() == row.sha256:
            found[row.task_id] = Drawing(row.task_id, row.signed_at, paths_of(json.loads(drawn)))
    return found


def paths_of(strokes: Strokes) -> tuple[str, ...]:
    """Give one SVG path for each stroke, for example ``M10 20L30 40``; a dot is drawn as a line of no length."""
    paths = []
    for stroke in strokes:
        points = [f"{int(x)} {int(y)}" for x, y in stroke]
        paths.append(f"M{points[0]}L{'L'.join(points[1:] or points)}")
    return tuple(paths)


def _is_point(point: Any) -> bool:
    if not isinstance(point, list) or len(point) != 2:  # noqa: PLR2004 (x and y)
        return False
    x, y = point
    return type(x) is int and type(y) is int and 0 <= x <= WIDTH and 0 <= y <= HEIGHT


def _row(task_id: int, signer_id: int) -> str:
    """What a sealed signature is bound to."""
    return f"signature:{task_id}:{signer_id}"
