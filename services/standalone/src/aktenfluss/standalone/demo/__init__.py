"""A box of paper becomes case files before your eyes: the material of the demo, and its play."""

from .figures import Figure, Outcome
from .office import RefusedError, Tokens
from .plan import Plan, make_plan
from .play import Stage, play

__all__ = ["Figure", "Outcome", "Plan", "RefusedError", "Stage", "Tokens", "make_plan", "play"]
