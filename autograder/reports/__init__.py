"""What a student gets back, and the grades that all other rooms read."""
