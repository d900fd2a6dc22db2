"""HTTP for programs that read: tables, their changes as they happen, series, issues, and health.

    router.py      a table's stream, health, and all of it put together
    asking.py      who asks, and that they may
    parameters.py  a view in a query, as OpenAPI describes it
    tables.py      commitments, tables, series, the issues behind a figure
    formats.py     a table as JSON, CSV and xlsx; conditional answers
    streams.py     what a stream says of a table: all of its lines, then those that changed
    issues.py      one issue
    models.py      what is answered, as OpenAPI describes it

May import: livelihood, web, consumers.board and the modules of consumers itself.
"""
