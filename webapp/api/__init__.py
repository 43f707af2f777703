"""``/api/v1``: the operations of the company for programs.

``views`` and ``case_views`` hold the routes, ``bodies`` reads what comes in, ``shapes`` writes what goes out,
``queries`` reads single rows, ``problems`` says no (RFC 9457), ``openapi`` and ``schemas`` describe all of it.
The same forms validate as on the pages, and the same operations decide.
"""
