//! Cases that are folders of `testdata`.

use std::fs;
use std::path::Path;

/// Fails unless all cases below `testdata/OF`, of which there are more than `least`, are as they should be;
/// `difference` says of one how it is not.
pub(crate) fn check(of: &str, least: usize, difference: impl Fn(&Path) -> Option<String>) {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(of);
    let mut cases: Vec<_> = fs::read_dir(all).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.is_dir());
    cases.sort();
    assert!(cases.len() > least);
    let wrong: Vec<String> = cases.iter().filter_map(|case| difference(case)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
