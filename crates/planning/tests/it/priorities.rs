//! Priorities: the worked example of the documents, properties of every method, bad input.

mod bad_input;
mod example;
mod properties;
mod sample;
mod weights;
