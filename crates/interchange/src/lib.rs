//! Import of tracker exports with a loss report.
