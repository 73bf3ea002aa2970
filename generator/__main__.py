"""`python -m generator` is the `interlock` command."""

import sys

from generator.cli import main

sys.exit(main())
