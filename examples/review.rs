//! Compares two rendered overlays and says what is dangerous about the difference.
//!
//! `cargo run --example review`

#![allow(clippy::print_stdout)] // a program

use kustom::diff::{Options, Report, RootReport, compare, render};

fn main() -> kustom::Result<()> {
    let overlays = "testdata/infra-config/apps/payments-api/overlays";
    let staging = kustom::build(format!("{overlays}/staging"))?;
    let prod = kustom::build(format!("{overlays}/prod"))?;

    let diff = compare(&staging, &prod, &Options::new())?;
    println!("{}", diff.summary());

    let report =
        Report::new(vec![RootReport::new("payments-api", diff)]).comparing("staging → prod");
    for risk in report.risks() {
        println!("{}: {}", risk.rule, risk.message);
    }
    print!("{}", render::markdown(&report, render::COMMENT_LIMIT)?);
    Ok(())
}
