//! The real server binary, as its clients and its enemies meet it.

mod crash;
mod isolation;
mod running;
mod writing;
