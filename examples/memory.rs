//! Renders files that are in memory alone, with limits for what strangers wrote.
//!
//! `cargo run --example memory`

#![allow(clippy::print_stdout)] // a program

use kustom::{Builder, ErrorKind, Limits, MemoryFs};

fn main() -> kustom::Result<()> {
    let files = MemoryFs::from_iter([
        ("/base/kustomization.yaml", "resources: [service.yaml]\n"),
        ("/base/service.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: api}\n"),
        ("/prod/kustomization.yaml", "namePrefix: prod-\nresources: [../base]\n"),
        ("/broken/kustomization.yaml", "resources: [../nowhere]\n"),
    ]);
    let builder = Builder::new().file_system(files).limits(Limits::untrusted());

    print!("{}", builder.build("/prod")?);

    let refused = builder.build("/broken");
    let Err(error) = refused else { unreachable!("there is no such base") };
    // What a program decides by, and what people read.
    assert_eq!(error.kind(), ErrorKind::Load);
    assert_eq!(error.location().map(|place| place.line), Some(1));
    println!("{error}");
    Ok(())
}
