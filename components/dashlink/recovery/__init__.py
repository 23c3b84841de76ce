"""Recovery: what a killed run left in the cloud is found, and taken into the state.

`recover` runs before an operation; `guard` watches creations while a program runs.
"""

from dashlink.recovery.recover import Recovered, recover

__all__ = ["Recovered", "recover"]
