"""The five stages, each gate from both sides (domain.md section 1)."""


from tests.sale.firm import Firm


def test_a_sale_goes_through_five_stages_to_its_end(company: Firm) -> None:
    case = company.register()
    assert company.sale(case).number == "XS-2026-000001"
    company.signed(case)
    assert company.sale(case).stage == 4
    company.hand_over(case)
    assert company.waiting(case) == []
    company.receive(case, "300000.00")
    assert company.sale(case).stage == 5
    company.after_sales(case)
    assert company.case(case).status == "completed"
    assert company.sale(case).status == "closed"
    stages = [("stage", 2), ("stage", 3), ("stage", 4), ("stage", 5)]
    assert company.moves(case) == [("started", 1), *stages, ("closed", 5)]
    assert company.registrations() == [(company.ids["sa"], "closed")]
