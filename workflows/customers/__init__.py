"""The customer archive (domain.md section 1, source clauses I4.1, I6, I8.1 and B3).

``model`` holds the tables; ``scope`` says whose customers one sees; contacts are sealed and each view of one is logged;
``registrations`` keeps the priority of who registered a need first, which the database decides.
"""
