"""What everybody may see without an account: months of commitments, with small counts kept back.

    suppression.py   what may be published of counts that add up to a total
    saying.py        how configuration says what is published
    publication.py   what that is of a catalogue, and the rows of its breakdowns
    figures.py       a commitment in one month, as it is published
    releases.py      the months that are out, each worked out once
    open_data.py     the same as CSV and JSON, with a dictionary
    pages.py         the pages, the table for other sites, the downloads

A month is published a day after it ended, as it was known then, and never changes. docs/public.md says why.

May import: livelihood, web, the rest of consumers.
"""
