//! The pictures of the README: what the program prints on the sample, as it would on a terminal.
//!
//! They are made anew in every test run and must be the committed ones. To commit others:
//! `UPDATE_PICTURES=1 cargo test -p kustom-cli --test program -- pictures`.

use std::fs;
use std::path::{Path, PathBuf};

use anstyle_svg::{Term, WIN10_CONSOLE};

use super::diff::Repo;
use super::program;

/// More bytes than these are not loaded in a blink.
const LARGEST: usize = 30_000;

/// Runs a command line for people, and compares the picture with the committed one.
fn check(repo: &Repo, name: &str, line: &str) {
    let args: Vec<&str> =
        line.split_whitespace().skip(1).map(|arg| arg.trim_matches('\'')).collect();
    let mut command = program(repo.path(), &args);
    let output = command.env("CLICOLOR_FORCE", "1").output().expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    // As on a terminal, both streams; only one of them has something in each picture.
    let text = format!("{}{}", text(output.stdout), text(output.stderr));
    let is_plain = ["deps", "affected", "apps", "images", "promote"].contains(&name);
    assert!(text.contains('\x1b') || is_plain, "no colors: {text}");
    let svg = svg(&format!("\x1b[1m$ {line}\x1b[0m\n{}", text.trim_end()));
    assert!(svg.len() < LARGEST, "{name} has {} bytes", svg.len());
    let file = pictures().join(format!("{name}.svg"));
    if std::env::var_os("UPDATE_PICTURES").is_some() {
        fs::create_dir_all(pictures()).expect("a folder");
        fs::write(&file, &svg).expect("a file");
    }
    let committed = fs::read_to_string(&file).unwrap_or_default().replace("\r\n", "\n");
    assert!(committed == svg, "{name}.svg is not what `{line}` prints now:\n{text}");
    let readme = [include_str!("../../../README.md"), include_str!("../../../docs/commands.md")];
    assert!(readme.iter().any(|text| text.contains(&format!("pictures/{name}.svg"))), "{name}");
}

/// Draws what a terminal would show; it can be shown at any size.
fn svg(text: &str) -> String {
    let svg = Term::new().palette(WIN10_CONSOLE).min_width_px(800).render_svg(text);
    let (size, rest) = svg.split_once(" xmlns").expect("an svg");
    let number = |name: &str| {
        let (_, rest) = size.split_once(&format!("{name}=\"")).expect("a size");
        rest.split("px").next().expect("a number").to_owned()
    };
    format!("{size} viewBox=\"0 0 {} {}\" xmlns{rest}", number("width"), number("height"))
}

fn pictures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/pictures")
}

const PROD: &str = "apps/payments-api/overlays/prod";

/// The sample on a branch that bumps a tag, scales, and changes a setting.
fn changed() -> Repo {
    let repo = Repo::new();
    repo.git(&["switch", "-q", "-c", "release"]);
    let file = format!("{PROD}/kustomization.yaml");
    repo.replace(&file, "1.14.1", "1.15.0");
    repo.replace(&file, "count: 6", "count: 9");
    repo.replace(&file, "DATABASE_POOL_SIZE=40", "DATABASE_POOL_SIZE=60");
    repo
}

#[test]
fn diff_is_shown() {
    check(&changed(), "diff", &format!("kustom diff {PROD}"));
}

#[test]
fn errors_are_shown() {
    let repo = changed();
    repo.replace(&format!("{PROD}/kustomization.yaml"), "newTag: ", "newTags: ");
    check(&repo, "error", &format!("kustom build {PROD}"));
}

#[test]
fn warnings_are_shown() {
    let repo = changed();
    let file = format!("{PROD}/kustomization.yaml");
    repo.replace(&file, "name: registry.example.com/payments/api", "name: payments/api");
    repo.write(&format!("{PROD}/pdb-patch.yaml"), "spec: {}\n");
    check(&repo, "warnings", &format!("kustom build --warn -o prod.yaml {PROD}"));
}

#[test]
fn deps_are_shown() {
    check(&Repo::new(), "deps", "kustom deps apps/notifications/overlays/dev");
}

#[test]
fn affected_is_shown() {
    let repo = Repo::new();
    repo.replace("apps/payments-api/base/config/limits.yaml", "attempts: 5", "attempts: 7");
    check(&repo, "affected", "kustom affected --since main apps clusters");
}

#[test]
fn explain_is_shown() {
    let image = "spec.template.spec.containers[name=api].image";
    check(&Repo::new(), "explain", &format!("kustom explain {PROD} deploy/payments-api '{image}'"));
}

#[test]
fn applications_are_shown() {
    check(&Repo::new(), "apps", "kustom apps clusters/prod-us-east-1/apps.yaml");
}

#[test]
fn rules_for_applications_are_shown() {
    let rules = "--only self-heal-platform --only no-sync-window";
    let repo = Repo::new();
    // A chart, which needs helm.
    fs::remove_dir_all(repo.path().join("platform/heartbeat")).expect("it is there");
    check(&repo, "lint", &format!("kustom apps lint clusters/prod-us-east-1/apps.yaml {rules}"));
}

#[test]
fn the_matrix_of_images_is_shown() {
    check(&Repo::new(), "images", "kustom images");
}

#[test]
fn a_promotion_is_shown() {
    check(&Repo::new(), "promote", "kustom promote staging prod");
}
