"""The benchmark: the product against bare pages on the same PostgreSQL, in the same run (``make bench``).

``__main__`` is the run, ``lab`` starts and stops the servers, ``firm`` fills a company and speaks for its people,
``client`` is the lean HTTP client, ``measure`` takes the times round by round, ``bulk`` loads many rows by SQL,
``statements`` counts SQL, ``report`` prints. ``bare`` is the yardstick. What comes out stands in docs/scale.md.
"""
