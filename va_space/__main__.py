"""``python -m va_space`` is ``va-space``."""

from va_space.cli import main

if __name__ == "__main__":
    main()
