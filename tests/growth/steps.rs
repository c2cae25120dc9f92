//! Steps of which many meet one object, or one of many each.

use kustom::MemoryFs;

use super::{CONFIG_MAP, Shape, config_maps, count_shape, files, patches};

/// A patch of each of `n` objects of one name that differ in something else.
fn namesakes(n: usize, object: fn(usize) -> String, target: fn(usize) -> String) -> MemoryFs {
    let objects: String = (0..n).map(|i| object(i) + "---\n").collect();
    let patch = |i| {
        let patch = r#"[{"op": "replace", "path": "/data/a", "value": "c"}]"#;
        format!("- {{target: {{{}}}, patch: '{patch}'}}\n", target(i))
    };
    let patches: String = (0..n).map(patch).collect();
    files(&format!("resources: [cm.yaml]\npatches:\n{patches}"), &objects)
}

fn in_namespace(i: usize) -> String {
    format!("{CONFIG_MAP}  name: x\n  namespace: n{i}\ndata: {{a: b}}\n")
}

fn of_group(i: usize) -> String {
    format!(
        "apiVersion: g{i}.example.com/v1\nkind: Thing\nmetadata: {{name: x{i}}}\ndata: {{a: b}}\n"
    )
}

fn annotated(i: usize) -> String {
    format!("{CONFIG_MAP}  name: x{i}\n  annotations: {{n: v{i}, k{i}: v}}\ndata: {{a: b}}\n")
}

/// A JSON patch of each value of one object.
fn json_patches_of_one_object(n: usize) -> MemoryFs {
    let data: String = (0..n).map(|i| format!("  - {{name: k{i}, value: v}}\n")).collect();
    let object =
        format!("apiVersion: example.com/v1\nkind: Thing\nmetadata: {{name: x}}\nspec:\n{data}");
    let patch = |i| {
        format!(
            "- target: {{kind: Thing}}\n  patch: '[{{\"op\": \"replace\", \"path\": \"/spec/{i}/value\", \"value\": \"w\"}}]'\n"
        )
    };
    let patches: String = (0..n).map(patch).collect();
    files(&format!("resources: [cm.yaml]\npatches:\n{patches}"), &object)
}

/// Replacements that select by a label and write an annotation.
fn replacements_by_label(n: usize) -> MemoryFs {
    let entry = |i| {
        format!(
            "- sourceValue: z\n  targets:\n  - select: {{labelSelector: n=v{i}}}\n    fieldPaths: \
             [metadata.annotations.a]\n    options: {{create: true}}\n"
        )
    };
    let entries: String = (0..n).map(entry).collect();
    files(&format!("resources: [cm.yaml]\nreplacements:\n{entries}"), &config_maps(n))
}

fn replicas(n: usize) -> MemoryFs {
    let object = |i| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: app{i}}}\nspec: {{replicas: 1}}\n---\n"
        )
    };
    let objects: String = (0..n).map(object).collect();
    let entries: String = (0..n).map(|i| format!("- {{name: app{i}, count: 2}}\n")).collect();
    files(&format!("resources: [cm.yaml]\nreplicas:\n{entries}"), &objects)
}

#[test]
fn each_step_looks_only_where_it_has_to() {
    let shapes: [(&str, Shape); 11] = [
        ("namespaces", |n| namesakes(n, in_namespace, |i| format!("namespace: n{i}"))),
        ("crowded names", |n| namesakes(n, in_namespace, |i| format!("name: x, namespace: n{i}"))),
        ("groups", |n| namesakes(n, of_group, |i| format!("kind: Thing, group: g{i}.example.com"))),
        ("annotations", |n| namesakes(n, annotated, |i| format!("annotationSelector: n=v{i}"))),
        ("keys of annotations", |n| {
            namesakes(n, annotated, |i| format!("annotationSelector: k{i}"))
        }),
        ("the rarest of two labels", |n| {
            namesakes(n, config_map_of_app, |i| format!("labelSelector: 'app=x,n=v{i}'"))
        }),
        ("alternatives", |n| {
            patches(n, |i| {
                format!(
                    "- {{target: {{name: 'cm{i}-x|other{i}'}}, patch: '[{{\"op\": \"remove\", \"path\": \"/data/a\"}}]'}}\n"
                )
            })
        }),
        ("JSON patches of one object", json_patches_of_one_object),
        ("replacements by label", replacements_by_label),
        ("replicas", replicas),
        ("nothing that is there", |n| {
            namesakes(n, in_namespace, |i| format!("kind: ConfigMap, name: gone{i}"))
        }),
    ];
    let mut grown = Vec::new();
    for (name, shape) in shapes {
        let (half, double) = (count_shape(shape, 200), count_shape(shape, 400));
        assert!(half > 0, "nothing was counted");
        if double * 10 > half * 22 {
            grown.push(format!("{name}: {half} became {double}"));
        }
    }
    assert!(grown.is_empty(), "{grown:#?}");
}

fn config_map_of_app(i: usize) -> String {
    format!("{CONFIG_MAP}  name: x{i}\n  labels: {{app: x, n: v{i}}}\ndata: {{a: b}}\n")
}

#[test]
fn a_configuration_is_put_into_its_place() {
    let configurations = |n: usize| {
        let names: Vec<String> = (0..n).map(|i| format!("c{i}.yaml")).collect();
        let mut files = files(
            &format!(
                "resources: [cm.yaml]\nnamePrefix: p-\nconfigurations: [{}]\n",
                names.join(", ")
            ),
            &config_maps(1),
        );
        for (i, name) in names.iter().enumerate() {
            files.insert(
                format!("/{name}"),
                format!("namePrefix: [{{kind: K{i}, path: spec/name}}]\n"),
            );
        }
        files
    };
    // Comparing each with each, and no more.
    let (half, double) = (count_shape(configurations, 200), count_shape(configurations, 400));
    let each = (double - 2 * half) as f64 / (200.0 * 200.0);
    assert!(half > 0 && each <= 1.1, "{half} became {double}, {each} for each pair");
}
