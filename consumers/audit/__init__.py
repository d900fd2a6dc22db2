"""The page of who read what people said of themselves, for whoever answers for that.

    reading.py  the looks that are asked for
    pages.py    the page, and the same as a file

May import: livelihood, web.
"""
