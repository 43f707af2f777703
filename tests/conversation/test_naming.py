"""People are found by what they are called: in a list, and after an @ in a sentence."""

import pytest
from sqlalchemy.orm import Session

from tests.engine.company import people
from workflows.kernel.errors import Invalid
from workflows.people.model import Employee
from workflows.people.naming import names_in, people_mentioned, people_named


@pytest.fixture
def ids(session: Session) -> dict[str, int]:
    """The small company, in which three bear names that people have."""
    found = people(session)
    names = {"sa": ("王志远", "Wang Zhiyuan"), "sb": ("王志", ""), "ma": ("林雪梅", "Lin Xuemei")}
    for login, (name, english) in names.items():
        person = session.get_one(Employee, found[login])
        person.name, person.name_en = name, english
    session.flush()
    return found


def named(session: Session, ids: dict[str, int], people_ids: list[int]) -> list[str]:
    return [next(login for login, ident in ids.items() if ident == each) for each in people_ids]


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("sa, sb", ["sa", "sb"]),
        ("王志远、林雪梅；ge", ["王志远", "林雪梅", "ge"]),
        (" sa ,, sa\nsb ", ["sa", "sb"]),
        ("Lin Xuemei", ["Lin Xuemei"]),
        (" ， ", []),
    ],
)
def test_a_line_of_names_is_split_at_commas_of_both_scripts(line: str, names: list[str]) -> None:
    assert names_in(line) == names


@pytest.mark.parametrize(
    ("line", "logins"),
    [
        ("SA，林雪梅", ["sa", "ma"]),
        ("lin xuemei", ["ma"]),
        ("sa sb", ["sa", "sb"]),
        ("王志远,sa", ["sa"]),
    ],
)
def test_logins_and_names_in_either_language_are_understood(
    session: Session, ids: dict[str, int], line: str, logins: list[str]
) -> None:
    assert named(session, ids, people_named(session, names_in(line), field="copy_to")) == logins


@pytest.mark.parametrize(
    ("text", "logins"),
    [
        ("请@王志远看一下", ["sa"]),
        ("@王志看一下", ["sb"]),
        ("@ma, @sa.", ["ma", "sa"]),
        ("ask @Lin Xuemei and @lin xuemei", ["ma"]),
        ("write to sales@ge.example", []),
        ("at @ noon, a@@b", []),
    ],
)
def test_an_at_sign_mentions_the_longest_name_that_follows(
    session: Session, ids: dict[str, int], text: str, logins: list[str]
) -> None:
    assert named(session, ids, people_mentioned(session, text, field="text")) == logins


@pytest.mark.parametrize(
    ("text", "shown"), [("@所有人，请看", "所有人"), ("@Linda", "Linda"), ("@max", "max"), ("@(x", "(")]
)
def test_a_mention_of_nobody_is_refused_with_the_name(
    session: Session, ids: dict[str, int], text: str, shown: str
) -> None:
    with pytest.raises(Invalid) as refused:
        people_mentioned(session, text, field="text")
    assert refused.value.fields["text"][0][1] == {"name": shown}


def test_namesakes_are_told_apart_by_their_logins(session: Session, ids: dict[str, int]) -> None:
    session.get_one(Employee, ids["ge"]).name = "王志远"
    session.flush()
    with pytest.raises(Invalid, match=r"Several people are called 王志远\. Write a login name: sa, ge"):
        people_named(session, ["王志远"], field="copy_to")
    session.get_one(Employee, ids["ge"]).active = False
    session.flush()
    assert people_named(session, ["王志远"], field="copy_to") == [ids["sa"]]


def test_nobody_a_disabled_account_and_a_crowd_are_refused_at_the_field(session: Session, ids: dict[str, int]) -> None:
    session.get_one(Employee, ids["ge"]).active = False
    session.flush()
    for line, message in (
        ("nobody", "the name nobody"),
        ("ge", "The account of GE is disabled"),
        ("sa nobody", "nobody"),
    ):
        with pytest.raises(Invalid, match=message) as refused:
            people_named(session, [line], field="copy_to")
        assert list(refused.value.fields) == ["copy_to"]
