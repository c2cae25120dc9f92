//! Renders all overlays of a repository in one call, and asks which of them a changed file touches.
//!
//! `cargo run --example fleet`

#![allow(clippy::print_stdout)] // a program

use std::path::Path;

use kustom::{Builder, roots};

fn main() -> kustom::Result<()> {
    let files = kustom::DiskFs;
    let found = roots::find(&files, ["testdata/infra-config/apps"]);
    println!("{} roots", found.len());

    let builder = Builder::new();
    for (root, build) in found.iter().zip(builder.build_all(&found)) {
        println!("{}: {} objects", root.display(), build?.resources().len());
    }

    let changed = Path::new("testdata/infra-config/apps/payments-api/base/deployment.yaml");
    for root in roots::affected(&builder, &found, [changed]) {
        println!("touched: {}", root.root.display());
    }
    Ok(())
}
