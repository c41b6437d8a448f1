//! Settings, telemetry, composition, background sweeps, graceful shutdown.
