//! What commands do with the file or the objects of a kustomization.

use kustom::edit::{Edit, GeneratorKind, List};
use kustom::explain::FieldPath;
use kustom::work::{self, Work};
use kustom::{Builder, MemoryFs, Result};

use super::files;

/// Returns what a change of a file with `n` of something looks at.
fn count_edit(text: &str, change: impl FnOnce(&mut Edit) -> Result<()>) -> u64 {
    let mut files = MemoryFs::new();
    files.insert("/kustomization.yaml", text);
    let mut edit = Edit::open(files, "/").expect("a kustomization file");
    work::take();
    change(&mut edit).expect("a change");
    let Work { nodes, ids, .. } = work::take();
    nodes + ids
}

/// Returns the work for `n` of something.
type Count = fn(usize) -> u64;

fn names(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("n{i}")).collect()
}

fn lines(n: usize, line: impl Fn(&str) -> String) -> String {
    names(n).iter().map(|name| line(name)).collect()
}

#[test]
fn an_edit_goes_over_the_file_once() {
    let edits: [(&str, Count); 4] = [
        ("remove resource", |n| {
            let text = format!("resources:\n{}", lines(n, |name| format!("- {name}\n")));
            count_edit(&text, |edit| edit.remove_entries(List::Resources, &names(n)))
        }),
        ("remove configmap", |n| {
            let text =
                format!("configMapGenerator:\n{}", lines(n, |name| format!("- name: {name}\n")));
            count_edit(&text, |edit| {
                edit.remove_generators(GeneratorKind::ConfigMap, &names(n), None)
            })
        }),
        ("set replicas", |n| {
            let entry = |name: &str| format!("- {{name: {name}, count: 1}}\n");
            let args: Vec<String> = names(n).iter().map(|name| format!("{name}=2")).collect();
            count_edit(&format!("replicas:\n{}", lines(n, entry)), |edit| edit.set_replicas(&args))
        }),
        ("set replicas of new ones", |n| {
            let args: Vec<String> = names(n).iter().map(|name| format!("{name}=2")).collect();
            count_edit("replicas: [{name: a, count: 1}]\n", |edit| edit.set_replicas(&args))
        }),
    ];
    let mut grown = Vec::new();
    for (name, count) in edits {
        let (half, double) = (count(200), count(400));
        assert!(half > 0, "{name}: nothing was counted");
        if double * 10 > half * 22 + 100 {
            grown.push(format!("{name}: {half} became {double}"));
        }
    }
    assert!(grown.is_empty(), "{grown:#?}");
}

#[test]
fn the_histories_of_many_images_are_asked_for_at_once() {
    let count = |n: usize| {
        let container = |name: &str| format!("      - {{name: {name}, image: '{name}:1'}}\n");
        let containers = lines(n, container);
        let object = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec:\n  template:\n    spec:\n      \
             containers:\n{containers}"
        );
        let entries = lines(n, |name| format!("- {{name: {name}, newTag: '2'}}\n"));
        let files = files(&format!("resources: [cm.yaml]\nimages:\n{entries}"), &object);
        let builder = Builder::new().threads(std::num::NonZeroUsize::MIN).file_system(files);
        let trace = builder.explain("/").expect("a trace");
        let object = trace.objects().next().expect("an object");
        let images: Vec<FieldPath> = object.images();
        assert_eq!(images.len(), n);
        work::take();
        let histories = object.histories_of(&images);
        let Work { nodes, ids, .. } = work::take();
        assert!(histories.iter().all(|history| history.len() == 2));
        nodes + ids
    };
    let (half, double) = (count(100), count(200));
    assert!(half > 0, "nothing was counted");
    assert!(double * 10 <= half * 22, "{half} became {double}");
}
