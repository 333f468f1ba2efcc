"""The analyses of the command line, one module each: ``TITLE``, ``add`` for its options, ``rows`` for its table."""
