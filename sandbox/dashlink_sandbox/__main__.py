"""``python -m dashlink_sandbox``."""

from dashlink_sandbox.main import main

raise SystemExit(main())
