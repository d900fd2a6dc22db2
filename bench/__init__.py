"""What is measured, how, and the last figures (RESULTS.md). May import everything; nothing imports it."""
