//! The stdio server beside an IDE: one local tenant in one file.

fn main() {}
