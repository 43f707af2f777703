"""Departments, employees, roles, delegations and the tokens that speak for an employee."""
