"""Calibration: does a policy solve some instances of an environment, and not all? See docs/calibration.md."""

from envforge.calibration.measure import Calibrator, check_levels, judge
from envforge.calibration.statistics import falling_trend, wilson_interval

__all__ = ["Calibrator", "check_levels", "falling_trend", "judge", "wilson_interval"]
