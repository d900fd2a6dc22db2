"""The page of a service window: requests filed, found, worked on, and receipts for the people who asked.

The smallest complete channel: a township can start with nothing else. What is done here is published as
events, through the same intake as every other channel's.
"""
