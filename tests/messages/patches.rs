//! Mistakes in patches.

use insta::assert_snapshot;

use crate::refusal;

#[test]
fn no_target() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- path: patch.yaml
== app/patch.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: wbe
spec:
  replicas: 3
== app/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx:1
";
    assert_snapshot!(refusal(tree), @r#"
    app/patch.yaml:1:1: patches[0]: no resource matches strategic merge patch "Deployment.v1.apps/wbe.[noNs]": no matches for Id Deployment.v1.apps/wbe.[noNs]; failed to find unique target for patch Deployment.v1.apps/wbe.[noNs]
      in app/kustomization.yaml
      hint: did you mean `web`?
    "#);
}

#[test]
fn target_of_another_version() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- path: patch.yaml
== app/patch.yaml
apiVersion: extensions/v1beta1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
== app/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx:1
";
    assert_snapshot!(refusal(tree), @r#"
    app/patch.yaml:1:1: patches[0]: no resource matches strategic merge patch "Deployment.v1beta1.extensions/web.[noNs]": no matches for Id Deployment.v1beta1.extensions/web.[noNs]; failed to find unique target for patch Deployment.v1beta1.extensions/web.[noNs]
      in app/kustomization.yaml
      hint: `web` is there with apiVersion apps/v1
    "#);
}

#[test]
fn target_in_a_namespace() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- path: patch.yaml
== app/patch.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: prod
spec:
  replicas: 3
== app/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx:1
";
    assert_snapshot!(refusal(tree), @r#"
    app/patch.yaml:1:1: patches[0]: no resource matches strategic merge patch "Deployment.v1.apps/web.prod": no matches for Id Deployment.v1.apps/web.prod; failed to find unique target for patch Deployment.v1.apps/web.prod
      in app/kustomization.yaml
      hint: `web` is there without a namespace
    "#);
}

#[test]
fn no_target_of_the_old_field() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patchesStrategicMerge:
- |-
  apiVersion: apps/v1
  kind: Deployment
  metadata:
    name: wbe
== app/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx:1
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:5:3: patchesStrategicMerge: no matches for Id Deployment.v1.apps/wbe.[noNs]; failed to find unique target for patch Deployment.v1.apps/wbe.[noNs]
      hint: did you mean `web`?
    ");
}

#[test]
fn missing_file() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- path: replicas.yaml
- path: patch.yaml
== app/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx:1
== app/replicas.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:5:3: patches[1]: failed to get the patch file from path(patch.yaml): evalsymlink failure on '/app/patch.yaml' : lstat /app/patch.yaml: no such file or directory
      hint: there is no `patch.yaml` in the folder `app`, only `deployment.yaml`, `replicas.yaml`; a path counts from the folder of this file
    ");
}

#[test]
fn missing_file_of_the_old_field() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patchesStrategicMerge:
- patch.yaml
== app/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx:1
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:4:3: patchesStrategicMerge: evalsymlink failure on '/app/patch.yaml' : lstat /app/patch.yaml: no such file or directory
      hint: there is no `patch.yaml` in the folder `app`, only `deployment.yaml`; a path counts from the folder of this file
    ");
}

#[test]
fn neither_path_nor_patch() {
    let tree = r"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- target:
    kind: Deployment
== app/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx:1
";
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:4:3: patches[0]: must specify one of patch and path in the entry
      hint: set `path` to a file or `patch` to the patch itself
    ");
}

#[test]
fn path_and_patch() {
    let tree = r#"== app/kustomization.yaml
resources:
- deployment.yaml
patches:
- path: a.yaml
  patch: "{}"
== app/deployment.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
      - name: web
        image: nginx:1
"#;
    assert_snapshot!(refusal(tree), @"
    app/kustomization.yaml:4:3: patches[0]: patch and path can't be set at the same time
      hint: keep one of them, or make two entries
    ");
}
