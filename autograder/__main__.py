#!python
"""The program: `python -m autograder`, and the command `autograder`, as which pip installs this file."""

from autograder.cli import main

if __name__ == "__main__":
    main()
