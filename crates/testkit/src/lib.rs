//! Whole-server fixtures and peers for tests and benchmarks; development only.
