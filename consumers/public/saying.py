"""How configuration says what is published. Every command reads settings, so this imports nothing."""

#: What a commitment may be broken down by in public. One each: two would share a total, and what the one
#: hides the other could tell.
BREAKDOWNS = ("area", "department", "service", "channel", "origin")
#: Stands for every commitment.
EVERY = "all"
#: How configuration says it: "streets by area, water".
_ONE = rf"[\w.-]+( by ({'|'.join(BREAKDOWNS)}))?"
PATTERN = rf"^({_ONE}(, *{_ONE})*)?$"
