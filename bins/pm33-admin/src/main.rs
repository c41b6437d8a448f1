//! Keys, tenants, workspaces, import and the rest from the command line.

fn main() {}
