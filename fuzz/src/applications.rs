//! What is fuzzed of `kustom-apps`.

use kustom::{Builder, FileSystem};
use kustom_apps::template::{self, Budget, Functions, MissingKey, Value};
use kustom_apps::{Cluster, Preview, Repository, lint, render};

use crate::{limits, packed, tree};

/// The file with the Applications of a packed tree.
const APPLICATIONS: &str = "apps.yaml";

/// A template ends within its budget, and always in the same way.
///
/// The first line is data as JSON, the rest the template.
pub fn templates(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (line, source) = text.split_once('\n').unwrap_or(("", &text));
    let json = serde_json::from_str::<serde_json::Value>(line).unwrap_or_default();
    let render = || {
        let budget = Budget::new(20_000, 1 << 20);
        let functions = Functions::with(&[]);
        template::render(source, &Value::from(&json), &functions, MissingKey::Default, &budget)
            .map_err(|e| e.to_string())
    };
    let (one, other) = (render(), render());
    assert_eq!(one, other, "{text:?}");
    assert!(one.map_or(0, |text| text.len()) <= 1 << 20, "{text:?}");
}

/// The Applications of a file are made, rendered and checked within the limits, and always in the same way.
pub fn applications(data: &[u8]) {
    let files = packed::unpack(data);
    let Ok(bytes) = files.read(format!("{}/{APPLICATIONS}", tree::TARGET).as_ref()) else { return };
    let clusters = files.read(format!("{}/clusters.yaml", tree::TARGET).as_ref());
    let clusters = clusters.ok().and_then(|bytes| Cluster::read_all(&bytes).ok());
    let all = || {
        let repository = Repository::new(files.clone(), tree::TARGET.as_ref()).ok()?;
        let mut preview = Preview::default();
        let (file, clusters) = (repository.root().join(APPLICATIONS), clusters.as_deref());
        preview.add_file(&file, &bytes, &repository, clusters.unwrap_or_default());
        preview.check(&repository);
        preview.applications.truncate(20);
        let builder = Builder::new().limits(limits());
        let rendered = render(&preview.applications, &repository, &builder);
        let found = lint::lint(&preview, &rendered, &repository, &builder);
        Some(format!("{:?} {rendered:?} {found:?}", preview.problems))
    };
    assert_eq!(all(), all());
}
