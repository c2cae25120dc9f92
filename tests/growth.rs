//! Work grows with the input and not faster. Counted, not timed: `cargo test --features work`.

#[path = "../benches/support/mod.rs"]
mod support;

use kustom::diff::{Options, diff};
use kustom::work::{self, Work};
use kustom::{Build, Builder, MemoryFs};

/// Returns what the build of a tree takes.
fn count(tree: &str) -> Work {
    let (files, roots) = support::tree(tree).expect("a known tree").in_memory();
    let builder = Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(files);
    work::take();
    for build in builder.build_all(roots) {
        build.expect("a build");
    }
    work::take()
}

#[test]
fn twice_the_input_is_at_most_twice_the_work() {
    for (half, whole) in [
        ("flat-70", "flat-140"),
        ("flat-700", "flat-1400"),
        ("patches-200", "patches-400"),
        ("references-200", "references-400"),
        ("replacements-200", "replacements-400"),
        ("images-500", "images-1000"),
        ("fleet-15", "fleet-30"),
    ] {
        let (half, double) = (count(half), count(whole));
        let grows = |half: u64, double: u64| double * 10 <= half * 22;
        assert!(half.nodes > 0, "nothing was counted");
        assert!(grows(half.nodes, double.nodes), "{whole}: {half:?} became {double:?}");
        assert!(grows(half.ids, double.ids), "{whole}: {half:?} became {double:?}");
    }
}

#[test]
fn comparing_a_fleet_is_less_work_than_three_times_rendering_it_twice() {
    let tree = support::tree("fleet-30").expect("a known tree");
    let (_, roots) = tree.in_memory();
    assert_eq!(roots.len(), 90);
    // A change of every root.
    let revision = |tag: &str| {
        let mut files = MemoryFs::new();
        for (path, text) in &tree.files {
            files.insert(path, text.replace("newTag: v2", tag));
        }
        let builder = Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(files);
        let builds = builder.build_all(&roots).into_iter();
        builds.map(|build| build.expect("a build")).collect::<Vec<Build>>()
    };
    work::take();
    let (before, after) = (revision("newTag: v2"), revision("newTag: v3"));
    let rendered = work::take();
    for (before, after) in before.iter().zip(&after) {
        assert!(!diff(before, after, &Options::default()).expect("a difference").is_empty());
    }
    let compared = work::take();
    assert!(compared.nodes > 0, "nothing was counted");
    // Rendering is a part of comparing.
    assert!(compared.nodes < 2 * rendered.nodes, "{rendered:?}, then {compared:?}");
}
