//! Files and folders that a kustomization names.

use super::hints;

hints! { LOADING;
    NO_KUSTOMIZATION "no-kustomization" {
        looks_at: "A folder has no kustomization file.",
        example: "resources:\n- manifests # a folder of plain files",
        remedy: "Add a kustomization.yaml there that lists its files."
    }
    TWO_KUSTOMIZATION_FILES "two-kustomization-files" {
        looks_at: "A folder has two kustomization files.",
        example: "base/kustomization.yaml and base/Kustomization",
        remedy: "Keep one of them."
    }
    LIMIT "limit" {
        looks_at: "The input takes more than a limit allows.",
        example: "configMapGenerator:\n- {name: data, files: [dump.sql]} # of 100 MB",
        remedy: "If you trust the input, --limits none lifts this limit, as `Builder::limits` does; SECURITY.md tells what limits are for."
    }
    LIMIT_OF_CALL "limit-of-call" {
        looks_at: "The results of all kustomizations of one call take more than its limit allows.",
        example: "kustom build 'clusters/*/*' # 2 GiB in all",
        remedy: "Name fewer kustomizations per call, for example one part of them with --shard; --limits none lifts this limit, as `Builder::limits` does."
    }
    NOTHING_BESIDE "nothing-beside" {
        looks_at: "A file or folder is not there, and its folder has nothing else.",
        example: "resources:\n- deployment.yaml # the folder has no other file",
        remedy: "A path counts from the folder of the file that names it."
    }
    OUTSIDE_OF_ROOT "outside-of-root" {
        looks_at: "A file lies outside of the folder of the kustomization that names it.",
        example: "resources:\n- ../service.yaml",
        remedy: "Move the file below the kustomization, refer to a base instead, or allow it with --load-restrictor LoadRestrictionsNone."
    }
    OUTSIDE_OF_FETCHED "outside-of-fetched" {
        looks_at: "A kustomization that comes from elsewhere names a file outside of its own folder, perhaps by a link.",
        example: "files:\n- ../shared.conf # in github.com/acme/infra//web",
        remedy: "What comes from elsewhere reads only below its own kustomizations, whatever --load-restrictor says: have it mended there, or copy the files into your own tree."
    }
    FOLDER_AS_FILE "folder-as-file" {
        looks_at: "A folder is named where a file is wanted.",
        example: "configMapGenerator:\n- {name: conf, files: [conf]}",
        remedy: "Name a file instead of a folder."
    }
    FILE_AS_FOLDER "file-as-folder" {
        looks_at: "A file is named where the folder of a kustomization is wanted.",
        example: "components:\n- tls.yaml",
        remedy: "Name the folder of a kustomization.yaml; a file is listed under `resources`."
    }
    EMPTY_ENTRY "empty-entry" {
        looks_at: "A list of paths has an empty entry.",
        example: "resources:\n- service.yaml\n-",
        remedy: "Remove the empty entry."
    }
    AMBIGUOUS_PATH "ambiguous-path" {
        looks_at: "A path has dots where they mean nothing, mostly as two entries were written as one.",
        example: "resources:\n- ../base ..service.yaml",
        remedy: "Put each entry on a line of its own that starts with `- `."
    }
    CYCLE "cycle" {
        looks_at: "A base refers back to what refers to it, or lies above it.",
        example: "resources:\n- ../.. # in base/overlays/dev, and base lists overlays/dev",
        remedy: "A base must not refer back to, or lie above, what refers to it: remove one of the two references."
    }
    REACHED_TWICE "reached-twice" {
        looks_at: "An object comes into the build in two ways.",
        example: "resources: [web, db] # both list ../common",
        remedy: "It is reached in two ways: list what defines it once, where the two ways join, and take it out of both; a component that both list brings it twice as well."
    }
    OBJECT_TWICE "object-twice" {
        looks_at: "Two objects have the same kind, name and namespace.",
        example: "resources: [web.yaml, patch.yaml] # both have the Deployment web",
        remedy: "Rename one of the two, drop one of them, or list the second under `patches` if it is meant to change the first."
    }
    OBJECT_WITHOUT_VERSION "object-without-version" {
        looks_at: "An object whose name is referred to has a null `apiVersion`.",
        example: "apiVersion:\nkind: ConfigMap",
        remedy: "Give the object a version, such as `v1`."
    }
    COMMENT_BETWEEN_BRACKETS "comment-between-brackets" {
        looks_at: "A comment stands in what is printed between brackets, where upstream cannot print it.",
        example: "data: # a comment\n  {}",
        remedy: "What is below this key is written between brackets: put the comment elsewhere."
    }
}
