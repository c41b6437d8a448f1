//! The HTTP(S) server for many tenants.

fn main() {}
