//! Schedules: checked by a validator that shares no code with the engine.

mod infeasible;
mod lanes;
mod large;
mod psplib;
mod random;
mod tardiness;
mod validator;
