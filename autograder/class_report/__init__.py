"""What a class got right, and what went wrong: the report and the page for the projector."""
