"""What people read: feedback pages, the class report, grades for other systems.

`watch` also grades submissions as they arrive.
"""
