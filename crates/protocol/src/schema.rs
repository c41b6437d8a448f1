//! The published schemas as types: every parameter, result and part of a message, with all of its fields. Fields that
//! only some revisions know are optional and say so; [`crate::project`] takes them from what legacy peers get.

pub mod capabilities;
pub mod content;
pub mod elicitation;
pub mod elicitation_schema;
pub mod errors;
pub mod input;
pub mod lifecycle;
pub mod notifications;
pub mod prompts;
pub mod resources;
pub mod roots;
pub mod sampling;
pub mod shapes;
pub mod subscriptions;
pub mod tools;
