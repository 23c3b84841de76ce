"""`python -m dashlink.provider`: the plugin, where its console script is not on PATH."""

import sys

from dashlink.provider import main

sys.exit(main())
