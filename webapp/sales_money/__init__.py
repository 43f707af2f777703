"""The pages of a sale's money: what is due, what came in, refunds, and the ledger on the page of a sale."""
