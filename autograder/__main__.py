#!python
"""The program: ``python -m autograder`` runs it, and so does the command `autograder`, which is a copy of this file.

`hatch_build.py` installs the copy for instructors: pip writes its own Python into the first line.
"""

from autograder.cli import main  # the copy is in no package, so the import cannot be relative

if __name__ == "__main__":
    main()
