"""The five-stage sale (domain.md section 1; source clauses I7.1, B4, H9, G3.2)."""
