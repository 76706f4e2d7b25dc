"""What people read: the feedback page, the class report, and grades for other systems."""
