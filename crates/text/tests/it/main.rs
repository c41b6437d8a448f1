//! Behaviour of the boundary as its callers see it.

mod any_text;
mod corpus;
mod detection;
mod hidden_text_goes;
mod honest_text_stays;
mod linear;
mod rules_hold_for_any_text;
