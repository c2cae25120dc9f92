//! Files and trees from elsewhere are pinned and copied; the source is memory.

#![allow(missing_docs)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kustom::outside::{Failure, FileAnswer, FileRequest, RemoteSource, RemoteTree, TreeRequest};
use kustom::{Builder, Copied, MemoryFs, VendorPlan, Vendored};

/// Has a file behind each address, named after it, and one repository.
#[derive(Debug)]
struct Elsewhere {
    value: &'static str,
}

const COMMIT: &str = "0123456789012345678901234567890123456789";

fn map(name: &str) -> String {
    format!("{{apiVersion: v1, kind: ConfigMap, metadata: {{name: {name}}}}}\n")
}

impl RemoteSource for Elsewhere {
    fn tree(&self, request: &TreeRequest) -> Result<RemoteTree, Failure> {
        let mut files = MemoryFs::new();
        files.insert("/lib/kustomization.yaml", "resources: [map.yaml]\n");
        files.insert("/lib/map.yaml", map(self.value));
        let commit = request.commit().unwrap_or(COMMIT);
        Ok(RemoteTree::new(Arc::new(files), "/lib", commit))
    }

    fn file(&self, request: &FileRequest) -> Result<FileAnswer, Failure> {
        let digits = request.url().len() + request.url().matches('y').count() * 1000;
        Ok(FileAnswer::Found(map(&format!("m{digits}")).into_bytes()))
    }
}

fn builder(files: &MemoryFs, value: &'static str) -> Builder {
    Builder::new().file_system(files.clone()).remotes(Arc::new(Elsewhere { value }))
}

fn write(files: &mut MemoryFs, vendored: &Vendored) {
    files.insert("/repo/kustom.lock", vendored.lock.as_bytes());
    for (path, content) in &vendored.copies {
        let Copied::File(bytes) = content else { panic!("no file: {}", path.display()) };
        files.insert(Path::new("/repo").join(path), bytes.clone());
    }
}

fn using(urls: &[&str]) -> MemoryFs {
    let mut files = MemoryFs::new();
    files.insert("/repo/app/kustomization.yaml", format!("resources: {urls:?}\n"));
    files
}

#[test]
fn a_url_may_be_the_beginning_of_another() {
    let long = format!("http://host.example/{}", "z".repeat(300));
    let all = [
        "http://host.example/x/y.yaml",
        "http://host.example/x",
        "http://host.example/",
        "http://host.example/x/y.yaml/yy",
        long.as_str(),
    ];
    let plan = VendorPlan::new("/repo");
    let mut files = using(&[]);
    // Whichever comes first, and all at once.
    for urls in [&all[..1], &all[..2], &all[..3], &all[..], &all[1..]] {
        let text = format!("resources: {urls:?}\n");
        files.insert("/repo/app/kustomization.yaml", text);
        let vendored = builder(&files, "a").vendor(["/repo/app"], &plan).expect("copies");
        assert!(vendored.is_whole(), "{vendored:?}");
        let paths: Vec<&PathBuf> = vendored.copies.keys().collect();
        assert_eq!(paths.len(), urls.len());
        for path in &paths {
            let is_above = |other: &&&PathBuf| other != &path && other.starts_with(path);
            assert_eq!(paths.iter().find(is_above), None, "{paths:?}");
            assert!(path.iter().all(|part| part.len() < 250), "{path:?}");
        }
        write(&mut files, &vendored);
        let offline = Builder::new().file_system(files.clone());
        assert_eq!(offline.build("/repo/app").expect("a build").resources().len(), urls.len());
        assert!(offline.check_vendored(["/repo/app"], Path::new("/repo")).is_ok());
    }
}
