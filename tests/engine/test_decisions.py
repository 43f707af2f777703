"""Decision tables: exact answers, and proofs that a table neither overlaps nor leaves a gap."""

from decimal import Decimal
from itertools import pairwise, product
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from workflows.engine.language.cells import read_condition
from workflows.engine.language.decisions import NoRule, check_table, read_table
from workflows.engine.safe_xml import BadDiagram

AUTHORITY = Path(__file__).parent / "diagrams" / "purchase_authority.dmn"


def table(inputs, rows, *, policy="UNIQUE", outputs="answer:string"):
    """Write and read a table: ``amount:number kind:string["a","b"]`` and rows ``"< 10 | - | \"x\""``."""
    columns = []
    for column in inputs.split():
        fact, _, kind = column.partition(":")
        kind, _, allowed = kind.partition("=")
        values = f"<inputValues><text>{escape(allowed)}</text></inputValues>" if allowed else ""
        columns.append(
            f'<input><inputExpression typeRef="{kind}"><text>{fact}</text></inputExpression>{values}</input>'
        )
    for column in outputs.split():
        name, _, kind = column.partition(":")
        columns.append(f'<output name="{name}" typeRef="{kind}"/>')
    rules = []
    for row in rows:
        cells = row.split("|")
        conditions, answers = cells[: len(inputs.split())], cells[len(inputs.split()) :]
        rules.append(
            "<rule>"
            + "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in conditions)
            + "".join(f"<outputEntry><text>{escape(cell)}</text></outputEntry>" for cell in answers)
            + "</rule>"
        )
    return read_table(
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"><decision id="t">'
        f'<decisionTable hitPolicy="{policy}">{"".join(columns)}{"".join(rules)}</decisionTable>'
        "</decision></definitions>",
        "t.dmn",
    )


def reason_of(checked):
    with pytest.raises(BadDiagram) as refusal:
        check_table(checked)
    assert refusal.value.element_id == "t"
    return refusal.value.reason


@pytest.mark.parametrize(
    ("amount", "is_urgent", "authority"),
    [
        ("9999.99", False, "manager"),
        ("10000", False, "director"),
        ("10000", True, "manager"),
        ("50000", True, "manager"),
        ("50000.01", True, "director"),
        ("-1", False, "manager"),
    ],
)
def test_a_table_answers_on_both_sides_of_every_bound(amount, is_urgent, authority):
    purchase = read_table(AUTHORITY.read_text(), "purchase_authority.dmn")
    check_table(purchase)
    assert purchase.decide({"amount": Decimal(amount), "is_urgent": is_urgent}) == {"authority": authority}


@pytest.mark.parametrize(
    ("text", "kind", "inside", "outside"),
    [
        ("-", "number", ["0", "-5"], []),
        ("", "number", ["0"], []),
        ("10", "number", ["10", "10.00"], ["9.99"]),
        ("< 10", "number", ["9.99"], ["10"]),
        ("<=10", "number", ["10"], ["10.01"]),
        ("> -3.5", "number", ["-3.4"], ["-3.5"]),
        (">= 10", "number", ["10"], ["9.99"]),
        ("[10..20)", "number", ["10", "19.99"], ["9.99", "20"]),
        ("(10..20]", "number", ["20"], ["10"]),
        ("]10..20[", "number", ["15"], ["10", "20"]),
        ("[5..5]", "number", ["5"], ["5.01"]),
        ("1, 3, [5..6]", "number", ["1", "3", "5.5"], ["2", "4"]),
        ("not(1, > 5)", "number", ["2", "5"], ["1", "6"]),
        ("0.1", "number", ["0.1", "0.10"], ["0.1000000001"]),
    ],
)
def test_a_number_passes_a_condition_exactly(text, kind, inside, outside):
    condition = read_condition(text, kind)
    assert all(condition.has(Decimal(value)) for value in inside)
    assert not any(condition.has(Decimal(value)) for value in outside)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ('"a"', ["a"], ["b", "A"]),
        ('"a","b"', ["a", "b"], ["c"]),
        ('not("a", "b")', ["c", ""], ["a", "b"]),
        (r'"say \"hi\", (you)"', ['say "hi", (you)'], ["hi"]),
        ('"大,中"', ["大,中"], ["大"]),
    ],
)
def test_a_text_passes_a_condition(text, inside, outside):
    condition = read_condition(text, "string")
    assert all(condition.has(value) for value in inside)
    assert not any(condition.has(value) for value in outside)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("a", "string"),
        ('"a" "b"', "string"),
        ('"a",', "string"),
        ("< 3", "string"),
        ('"3"', "number"),
        ("3", "boolean"),
        ("1e3", "number"),
        ("< 1,000", "number"),
        ("NaN", "number"),
        ("2.5", "integer"),
        ("[20..10]", "number"),
        ("(5..5]", "number"),
        ("[1..", "number"),
        ("not()", "number"),
        ("not(not(1))", "number"),
        ("not(1), not(2)", "number"),
        ("amount * 2", "number"),
        ('date("2026-01-01")', "string"),
        ("1" * 21, "number"),
        ("1,", "number"),
    ],
)
def test_what_is_not_in_the_subset_is_refused(text, kind):
    with pytest.raises(ValueError, match=r"."):
        read_condition(text, kind)


def test_numbers_are_never_floats():
    # 0.1 + 0.2 as a float is not 0.3.
    exact = table("rate:number", ["0.3 | 0.05", "not(0.3) | 0"], outputs="commission:number")
    answer = exact.decide({"rate": Decimal("0.1") + Decimal("0.2")})["commission"]
    assert (answer, type(answer)) == (Decimal("0.05"), Decimal)
    with pytest.raises(NoRule, match="not a number"):
        exact.decide({"rate": 0.3})


def test_whole_numbers_come_out_as_whole_numbers():
    days = table("grade:integer", ["<= 3 | 2", "> 3 | 5"], outputs="days:integer")
    check_table(days)
    assert days.decide({"grade": 4}) == {"days": 5}
    assert type(days.decide({"grade": 4})["days"]) is int


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"amount": None, "kind": "a"},
        {"amount": "5", "kind": "a"},
        {"amount": True, "kind": "a"},
        {"amount": Decimal("NaN"), "kind": "a"},
        {"amount": Decimal("Infinity"), "kind": "a"},
        {"amount": 5},
        {"amount": 5, "kind": 5},
        {"amount": 5, "kind": "c"},
        {"amount": -1, "kind": "a"},
    ],
)
def test_a_missing_wrong_or_disallowed_fact_is_an_error(facts):
    checked = table('amount:number=>=0 kind:string="a","b"', ["- | - | true"], outputs="yes:boolean")
    with pytest.raises(NoRule):
        checked.decide(facts)


def test_no_rule_and_two_rules_raise_for_unique():
    gappy = table("amount:number", ['< 10 | "small"', '> 5 | "large"'])
    assert gappy.decide({"amount": 5}) == {"answer": "small"}
    with pytest.raises(NoRule, match="rules 1 and 2 fit amount = 7"):
        gappy.decide({"amount": 7})
    with pytest.raises(NoRule, match="no rule fits amount = 10"):
        table("amount:number", ['< 10 | "small"']).decide({"amount": 10})


def test_first_takes_the_first_that_fits_and_collect_all():
    rows = ['>= 100 | "director"', '>= 10 | "manager"', '- | "nobody"']
    assert table("amount:number", rows, policy="FIRST").decide({"amount": 100}) == {"answer": "director"}
    assert table("amount:number", rows, policy="FIRST").decide({"amount": 9}) == {"answer": "nobody"}
    collected = table("amount:number", rows, policy="COLLECT")
    assert collected.decide({"amount": 50}) == {"answer": ["manager", "nobody"]}
    assert table("amount:number", rows[:2], policy="COLLECT").decide({"amount": 1}) == {"answer": []}


def test_a_gap_at_a_single_number_is_found():
    assert reason_of(table("amount:number", ['< 10 | "a"', '> 10 | "b"'])) == "No row fits amount = 10"


def test_a_gap_between_two_bounds_is_found():
    reason = reason_of(table("amount:number", ['<= 10 | "a"', '>= 10.01 | "b"']))
    assert reason == "No row fits amount = 10.005"


def test_between_two_whole_numbers_there_is_no_gap():
    check_table(table("days:integer", ['<= 10 | "a"', '>= 11 | "b"']))


def test_a_gap_below_or_above_all_bounds_is_found():
    assert reason_of(table("amount:number", ['>= 0 | "a"'])) == "No row fits amount = -1"
    assert reason_of(table("amount:number", ['<= 7.5 | "a"'])) == "No row fits amount = 8"
    check_table(table("amount:number=>=0", ['>= 0 | "a"']))


def test_texts_are_open_unless_the_allowed_values_are_listed():
    rows = ['"north" | "a"', '"south" | "b"']
    assert reason_of(table("area:string", rows)) == "No row fits area = any other"
    check_table(table('area:string="north","south"', rows))
    check_table(table("area:string", [*rows, 'not("north","south") | "c"']))


def test_a_gap_in_the_product_of_columns_is_found():
    rows = ['< 10 | - | "a"', '>= 10 | true | "b"']
    reason = reason_of(table("amount:number urgent:boolean", rows))
    assert reason == "No row fits amount = 10, urgent = false"


def test_an_overlap_names_the_rows_and_an_example():
    rows = ['[0..50] | - | "a"', '< 0 | - | "b"', '>= 50 | true | "c"', '> 50 | false | "d"']
    reason = reason_of(table("amount:number urgent:boolean", rows))
    assert reason == "The rows 1 and 3 overlap: amount = 50, urgent = true"


def test_first_may_overlap_but_not_leave_a_gap():
    check_table(table("amount:number", ['> 10 | "a"', '- | "b"'], policy="FIRST"))
    assert "No row fits" in reason_of(table("amount:number", ['> 10 | "a"', '> 5 | "b"'], policy="FIRST"))


def test_collect_may_overlap_and_leave_gaps():
    check_table(table("amount:number", ['> 10 | "a"', '> 5 | "b"'], policy="COLLECT"))


def test_a_table_that_is_too_large_to_prove_is_refused_in_time():
    # Twenty columns of three pieces each leave 2 to the power of 20 sets of rules to look at.
    columns = " ".join(f"c{number}:integer" for number in range(20))
    rows = ["|".join("5" if spot == number else "-" for spot in range(20)) + '|"x"' for number in range(20)]
    rows.append("|".join(["-"] * 20) + '|"x"')
    assert "too large" in reason_of(table(columns, rows, policy="FIRST"))


@pytest.mark.parametrize("policy", ["ANY", "PRIORITY", "RULE ORDER", 'COLLECT" aggregation="SUM'])
def test_other_hit_policies_are_refused(policy):
    with pytest.raises(BadDiagram, match="hit policy"):
        table("a:number", ['- | "x"'], policy=policy)


@pytest.mark.parametrize(
    ("inputs", "rows", "outputs", "reason"),
    [
        ("a:double", ['- | "x"'], "b:string", "type 'double'"),
        ("a:number", ['- | "x"'], "b:any", "type 'any'"),
        ("a:number", [], "b:string", "between 1 and"),
        ("a:number", ["-"], "b:string", "a cell for each column"),
        ("a:number", ["- | x"], "b:string", "Row 1"),
        ("a:number", ["- |"], "b:string", "Row 1"),
        ("a:number", ["1e9 | 1"], "b:number", "Row 1"),
        ("a.b:number", ["- | 1"], "b:number", "one word"),
        ("a:number a:number", ["- | - | 1"], "b:number", "of its own"),
        ("a:number", ["- | 1"], "a:number", "of its own"),
        ("a:number=oops", ["- | 1"], "b:number", "Allowed values"),
    ],
)
def test_a_malformed_table_is_refused(inputs, rows, outputs, reason):
    with pytest.raises(BadDiagram, match=reason):
        table(inputs, rows, outputs=outputs)


def test_a_decision_named_other_than_its_file_is_refused():
    with pytest.raises(BadDiagram, match="must have the id 'other'"):
        read_table(AUTHORITY.read_text(), "other.dmn")


BOUNDS = st.integers(-3, 3)
NUMBER_CELLS = st.one_of(
    st.just("-"),
    BOUNDS.map(str),
    st.tuples(st.sampled_from(["<", "<=", ">", ">="]), BOUNDS).map(lambda cell: f"{cell[0]} {cell[1]}"),
    st.tuples(st.sampled_from("[("), BOUNDS, st.integers(1, 3), st.sampled_from("])")).map(
        lambda cell: f"{cell[0]}{cell[1]}..{cell[1] + cell[2]}{cell[3]}"
    ),
    BOUNDS.map(lambda bound: f"not({bound})"),
)
TEXT_CELLS = st.sampled_from(["-", '"a"', '"b"', '"a","b"', 'not("a")', 'not("a","b")'])
ROWS = st.lists(st.tuples(NUMBER_CELLS, TEXT_CELLS), min_size=1, max_size=5)
#: Every bound, a number between each two, one below and one above; every text and another.
GRID = list(product([Decimal(half) / 2 for half in range(-14, 15)], ["a", "b", "else"]))


def fitting(rows, facts):
    conditions = [(read_condition(number, "number"), read_condition(text, "string")) for number, text in rows]
    return [index for index, (number, text) in enumerate(conditions) if number.has(facts[0]) and text.has(facts[1])]


@settings(max_examples=300, deadline=None)
@given(ROWS)
def test_the_proof_agrees_with_trying_everything(rows):
    numbered = [f'{number} | {text} | "{index}"' for index, (number, text) in enumerate(rows)]
    checked = table("n:number t:string", numbered)
    hits = [fitting(rows, facts) for facts in GRID]
    try:
        check_table(checked)
    except BadDiagram as problem:
        if "overlap" in problem.reason:
            assert any(len(hit) > 1 for hit in hits)
        else:
            assert any(not hit for hit in hits)
    else:
        assert all(len(hit) == 1 for hit in hits)
        for facts, hit in zip(GRID, hits, strict=True):
            assert checked.decide({"n": facts[0], "t": facts[1]}) == {"answer": str(hit[0])}


@st.composite
def complete_rows(draw):
    """Bands that touch, each cut into texts: complete and without overlap."""
    bounds = sorted(draw(st.sets(st.integers(-50, 50), min_size=1, max_size=6)))
    bands = [f"< {bounds[0]}", *(f"[{low}..{high})" for low, high in pairwise(bounds))]
    cells = [(band, text) for band in [*bands, f">= {bounds[-1]}"] for text in ('"a"', 'not("a")')]
    return draw(st.permutations(cells))


@settings(max_examples=100, deadline=None)
@given(complete_rows(), st.data())
def test_a_planted_gap_and_a_planted_overlap_are_found(rows, data):
    def checked(chosen):
        return table("n:number t:string", [f'{number} | {text} | "x"' for number, text in chosen])

    check_table(checked(rows))
    victim = data.draw(st.integers(0, len(rows) - 1))
    gap = reason_of(checked(rows[:victim] + rows[victim + 1 :]))
    assert gap.startswith("No row fits")
    assume(len(rows) > 1)
    overlap = reason_of(checked([*rows, rows[victim]]))
    assert overlap.startswith(f"The rows {victim + 1} and {len(rows) + 1} overlap")
