"""The pages of the expense advance: overviews, one advance with its ledger, the printed approval form."""
