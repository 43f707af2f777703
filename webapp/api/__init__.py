"""``/api/v1``: the operations of the company for programs.

``blueprint`` is what every request passes, ``views`` and ``case_views`` hold the routes, ``bodies`` reads what comes
in, ``shapes`` writes what goes out, ``queries`` reads single rows and ``asked`` what a case asks for, ``problems`` says
no (RFC 9457), ``openapi``, ``schemas`` and ``examples`` describe all of it.
The same forms validate as on the pages, and the same operations decide.
"""
