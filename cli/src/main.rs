//! The `kustom` program.

fn main() {}
