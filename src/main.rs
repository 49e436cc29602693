//! The command line of drsim.

fn main() {}
