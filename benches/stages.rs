//! The stages of a build apart.

fn main() {}
