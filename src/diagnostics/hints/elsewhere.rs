//! What comes from elsewhere: its copies, and the lock file that lists them.

use super::hints;

hints! { ELSEWHERE;
    REMOTE_NOT_ALLOWED "remote-not-allowed" {
        looks_at: "Something is fetched from elsewhere, which was not allowed.",
        example: "resources:\n- https://github.com/acme/infra//web?ref=v1",
        remedy: "Allow its host with --allow-remote=HOST or =HOST/PATH, or any public host with --allow-remote; `kustom vendor` makes copies that are built without."
    }
    ADDRESS_FOR_GIT "address-for-git" {
        looks_at: "The address of a repository, or its ref, would be an option of git.",
        example: "resources:\n- github.com/acme/infra?ref=--upload-pack=x",
        remedy: "Write the address and the ref as the program git takes them."
    }
    LOCAL_ADDRESS_ELSEWHERE "local-address-elsewhere" {
        looks_at: "A kustomization that comes from elsewhere names a repository by its path on this machine.",
        example: "resources:\n- file:///srv/git/infra//web # in github.com/acme/infra",
        remedy: "`file://` is for your own kustomizations: have that one name the repository by an address that all can reach."
    }
    NOT_FETCHED "not-fetched" {
        looks_at: "The program git, or a server, did not give what was asked for, or reached a limit.",
        example: "resources:\n- github.com/acme/infra//web?ref=v9 # there is no such ref",
        remedy: "The message has the words of git or the server; `?timeout=2m` and --process-timeout allow more time, --limits none more bytes."
    }
    NOT_IN_LOCK "not-in-lock" {
        looks_at: "Something from elsewhere is used, and `kustom.lock` does not list it.",
        example: "resources:\n- github.com/acme/infra//web?ref=v2 # kustom.lock has v1",
        remedy: "Run `kustom vendor`, which adds it; `kustom vendor --enable-helm` adds charts too."
    }
    COPY_MISSING "copy-missing" {
        looks_at: "`kustom.lock` lists something, and its copy is not there.",
        example: ".kustom/ # in .gitignore",
        remedy: "Run `kustom vendor`, which fetches what the lock says."
    }
    COPY_CHANGED "copy-changed" {
        looks_at: "A copy of what comes from elsewhere was changed on disk.",
        example: "image: nginx:2 # in .kustom/vendor/github.com/acme/infra@v1/web/deployment.yaml",
        remedy: "Restore it with `kustom vendor`; to change what comes from elsewhere, patch it in an overlay."
    }
    COPY_BEHIND_LINK "copy-behind-link" {
        looks_at: "A link is in the place of a copy, or on the way to it.",
        example: ".kustom/vendor -> ../shared",
        remedy: "Remove the link, and run `kustom vendor`."
    }
    CHART_BESIDE_LOCK "chart-beside-lock" {
        looks_at: "A chart lies where kustomize would put a fetched one, and is not the one that `kustom.lock` lists.",
        example: "charts/web/Chart.yaml # of an earlier version; the lock lists the chart web of a repository",
        remedy: "Remove the folder if it is left from an earlier fetch, and the copy of the lock is taken; a chart of your own is named without `repo`."
    }
    COPY_WITHOUT_FILES "copy-without-files" {
        looks_at: "A function runs in a copy that has only what builds look at.",
        example: "generators:\n- secrets.yaml # in github.com/acme/infra, read by a function",
        remedy: "Run `kustom vendor`, which copies the whole tree for functions."
    }
    CHANGED_ELSEWHERE "changed-elsewhere" {
        looks_at: "Something elsewhere is not what it was when `kustom.lock` was written.",
        example: "resources:\n- https://example.com/crds.yaml # another one by now",
        remedy: "Take what is there now with `kustom vendor --update`."
    }
    UNREADABLE_LOCK "unreadable-lock" {
        looks_at: "`kustom.lock` is not as `kustom vendor` writes it.",
        example: "version: 1\ntrees: {}",
        remedy: "`kustom vendor` writes this file: take an older one from version control, or remove it and run `kustom vendor`, which writes what refs mean now."
    }
    NO_FILE_AS_LOCK "no-file-as-lock" {
        looks_at: "A directory or a link has the name `kustom.lock`.",
        example: "kustom.lock -> ../shared/kustom.lock",
        remedy: "Remove it, or put a file in its place: `kustom vendor` writes one."
    }
    LOCK_OF_STRANGER "lock-of-stranger" {
        looks_at: "A `kustom.lock` above belongs to another user, and so does the git repository that holds it, if one does.",
        example: "/tmp/kustom.lock",
        remedy: "Remove it if you do not know it; if you do, give it and the folder that is built one owner (`chown`), as git wants it too."
    }
    LATER_LOCK "later-lock" {
        looks_at: "A later version of kustom wrote `kustom.lock`.",
        example: "version: 9",
        remedy: "Install a newer kustom."
    }
    PATH_IN_LOCK "path-in-lock" {
        looks_at: "`kustom.lock` lists a path that no copy has.",
        example: "files:\n- url: https://example.com/crds.yaml\n  path: ../../home",
        remedy: "`kustom vendor` writes no such path; take an older file from version control, or remove the entry and run `kustom vendor`."
    }
    MERGE_OF_LOCK "merge-of-lock" {
        looks_at: "`kustom.lock` has the markers of an unfinished merge of git.",
        example: "<<<<<<< HEAD\n  commit: 4f8b2c\n=======\n  commit: 9d31aa\n>>>>>>> feature",
        remedy: "Take one side, as `git checkout --theirs kustom.lock` does, then run `kustom vendor`, which adds what the other side has."
    }
    LOCK_OUT_OF_REACH "lock-out-of-reach" {
        looks_at: "Who uses something from elsewhere does not find the lock file that would list it.",
        example: "kustom vendor apps ../other/apps",
        remedy: "Put kustom.lock into a directory above all that use something elsewhere, one in each repository."
    }
    COPY_FOR_GIT "copy-for-git" {
        looks_at: "A chart or a tree has a file of git's own, such as `.git/config`.",
        example: "charts/web/.git/config",
        remedy: "What lies in `.git` changes what git does, so it is not copied."
    }
    PLACE_OF_COPIES "place-of-copies" {
        looks_at: "`kustom vendor --to` names no directory for copies.",
        example: "kustom vendor --to ../copies",
        remedy: "Copies have a directory of their own, such as `third_party/kustomize`."
    }
    PART_OF_COPIES "part-of-copies" {
        looks_at: "`kustom vendor DIR --to PATH` would move copies that others use.",
        example: "kustom vendor apps/web --to third_party",
        remedy: "Leave out the directories."
    }
    NOTHING_TO_UPDATE "nothing-to-update" {
        looks_at: "The pattern of `kustom vendor --update` matches no entry of `kustom.lock`.",
        example: "kustom vendor --update acme/infar",
        remedy: "Write a part of the repository or URL of an entry; `*` stands for any characters."
    }
}
