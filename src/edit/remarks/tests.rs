//! What becomes of comments.

use super::*;

#[test]
fn versions_are_told_from_words() {
    for (comment, version) in [
        ("# v1.2", Some("v1.2")),
        ("#1.2.3-rc.1+b", Some("1.2.3-rc.1+b")),
        ("# tag: 1.2", Some("1.2")),
        ("# tag=main-1a2b", Some("main-1a2b")),
        ("# tag: main, for now", None),
        ("# tag:", None),
        ("# tags", None),
        ("# tagged v1", None),
        ("# 20240601", None),
        ("# 2024-06-01", None),
        ("# https://example.com:8080", None),
        ("# newTag: v2", None),
        ("# shop/web:v2", Some("v2")),
        ("# by the bot", None),
        ("# INC-123", None),
        ("# v1.2 is broken", None),
        ("# {\"$imagepolicy\": \"a:b:digest\"}", None),
        ("#", None),
    ] {
        assert_eq!(version_of(comment), version, "{comment}");
    }
}

/// Sets an image, and returns the lines of its entry behind the name, and what there is to say.
fn set(lines: &str, arg: &str, said: Option<&str>) -> (String, Vec<String>) {
    let (text, notes) = set_in(&format!("images:\n- name: web\n{lines}"), arg, said);
    (text.trim_start_matches("images:\n- name: web\n").to_owned(), notes)
}

/// Sets an image in a whole file.
fn set_in(text: &str, arg: &str, said: Option<&str>) -> (String, Vec<String>) {
    let mut files = crate::load::MemoryFs::new();
    files.insert("/app/kustomization.yaml", text);
    let mut edit = Edit::open(files, "/app").expect("it can be read");
    let mut arg: crate::edit::ImageArg = arg.parse().expect("an image");
    arg.comment = said.map(str::to_owned);
    edit.update_image(&arg);
    let text = edit.finish().expect("it can be changed").text;
    (text, edit.notes().to_vec())
}

#[test]
fn comments_stay_unless_they_would_be_wrong() {
    let marker = "# {\"$imagepolicy\": \"ns:web:PART\"}";
    for (lines, arg, said, after, notes) in [
        (
            "  newTag: v1 # by the bot\n",
            "web@sha256:b",
            None,
            "  digest: sha256:b # by the bot\n",
            0,
        ),
        ("  digest: sha256:a # v1.2\n", "web:v2", None, "  newTag: v2\n", 0),
        ("  digest: 'sha256:a'\t# v1.2\r\n", "web@sha256:b", None, "  digest: 'sha256:b'\r\n", 0),
        (
            "  digest: sha256:a # v1.2\n",
            "web@sha256:a",
            Some("# v2"),
            "  digest: sha256:a # v1.2\n",
            0,
        ),
        ("  digest: sha256:a  # v1.2", "web@sha256:b", Some("# v2"), "  digest: sha256:b  # v2", 0),
        ("  digest: sha256:a \n", "web@sha256:b", Some("# v2"), "  digest: sha256:b # v2\n", 0),
        ("  digest: sha256:a \n", "web@sha256:b", None, "  digest: sha256:b \n", 0),
        (
            "  digest: sha256:a # ours\n",
            "web@sha256:b",
            Some("# v2"),
            "  digest: sha256:b # ours\n",
            0,
        ),
        ("  newTag: v1\n  digest: sha256:a # v1\n", "web:v2", None, "  newTag: v2\n", 0),
        (
            "  digest: sha256:a # tag: v1\n",
            "web@sha256:b",
            Some("# v2"),
            "  digest: sha256:b # tag: v2\n",
            0,
        ),
        (
            "  digest: sha256:a\n",
            "web@sha256:b",
            Some("#  tag: v2"),
            "  digest: sha256:b #  tag: v2\n",
            0,
        ),
        (
            "  digest: sha256:a # 2024-06-01\n",
            "web@sha256:b",
            Some("# v2"),
            "  digest: sha256:b # 2024-06-01\n",
            0,
        ),
        (
            "  newTag: v1\n  digest: sha256:a # ours\n",
            "web:v2",
            None,
            "  newTag: v2\n  # ours\n",
            0,
        ),
        (
            "  newTag: v1 \t# v1\n  # x\n  digest: sha256:a\n",
            "web@sha256:b",
            None,
            "  # v1\n  # x\n  digest: sha256:b\n",
            0,
        ),
        ("  newTag: v1\n  digest: sha256:a #digest\n", "web:v2", None, "  newTag: v2\n", 1),
        ("  newTag: v1 #tag\n", "web@sha256:b", None, "  digest: sha256:b #digest\n", 1),
        ("  digest: sha256:a #digest\n", "web:v2", None, "  newTag: v2 #tag\n", 1),
        ("  newTag: v1 #tag\n", "web:v2", None, "  newTag: v2 #tag\n", 0),
        (
            "  newTag: v1 #tag\n",
            "web:v2@sha256:b",
            None,
            "  newTag: v2 #tag\n  digest: sha256:b\n",
            1,
        ),
        // A digest behind a tag.
        ("  newTag: v1@sha256:a # v1\n", "web:v2@sha256:b", None, "  newTag: v2@sha256:b\n", 0),
        (
            "  newTag: v1@sha256:a # v1\n",
            "web:v2@sha256:b",
            Some("# tag: v2"),
            "  newTag: v2@sha256:b # v2\n",
            0,
        ),
        ("  newTag: v1@sha256:a # v1\n", "web:v2", None, "  newTag: v2\n", 0),
        ("  newTag: v1@sha256:a # v1\n", "web@sha256:b", None, "  digest: sha256:b\n", 0),
        (
            "  newTag: v1@sha256:a # ours\n",
            "web:v2@sha256:b",
            None,
            "  newTag: v2@sha256:b # ours\n",
            0,
        ),
        (
            "  newTag: v1@sha256:a\n",
            "web:v2@sha256:b",
            Some("# v2"),
            "  newTag: v2@sha256:b # v2\n",
            0,
        ),
        ("  newTag: v1@sha256:a\n", "web:v2", Some("# v2"), "  newTag: v2\n", 0),
        ("  newTag: v1 # v1\n", "web:v2", None, "  newTag: v2 # v1\n", 0),
    ] {
        let with_markers = |text: &str| {
            let tag = text.replace("#tag", &marker.replace("PART", "tag"));
            tag.replace("#digest", &marker.replace("PART", "digest"))
        };
        let (text, said) = set(&with_markers(lines), arg, said);
        assert_eq!(text, with_markers(after), "{lines} {arg}");
        assert_eq!(said.len(), notes, "{lines} {arg}: {said:?}");
    }
}

#[test]
fn nothing_is_put_between_brackets() {
    for lines in
        ["  newTag: v1\n- {name: web, digest: sha256:a} # v1\n", "  ? digest\n  : sha256:a\n"]
    {
        let (text, _) = set(lines, "web@sha256:b", Some("# v2"));
        assert!(!text.contains("v2}") && !text.contains("# v2}"), "{text}");
    }
}

#[test]
fn markers_say_what_the_line_holds() {
    let tag = "# {\"$imagepolicy\": \"ns:web:tag\"}";
    let digest = "# {\"$imagepolicy\": \"ns:web:digest\"}";
    assert_eq!(marker_for(tag, "newTag", "digest").as_deref(), Some(digest));
    assert_eq!(marker_for(digest, "digest", "newTag").as_deref(), Some(tag));
    assert_eq!(marker_for(tag, "newTag", "newTag"), None);
    assert_eq!(marker_for("# {\"$imagepolicy\": \"ns:web\"}", "newTag", "digest"), None);
}

#[test]
fn a_comment_behind_the_brackets_of_an_entry_is_about_its_digest() {
    for (item, arg, said, after) in [
        (
            "{name: web, digest: sha256:a} # v1",
            "web@sha256:b",
            None,
            "{name: web, digest: sha256:b}",
        ),
        (
            "{name: web, digest: 'sha256:a'} # v1",
            "web@sha256:b",
            Some("# v2"),
            "{name: web, digest: 'sha256:b'} # v2",
        ),
        (
            "{digest: sha256:a, newName: 'a}', name: web}  # tag: v1",
            "web@sha256:b",
            Some("# v2"),
            "{digest: sha256:b, newName: 'a}', name: web}  # tag: v2",
        ),
        (
            "{name: web, digest: sha256:a}",
            "web@sha256:b",
            Some("# v2"),
            "{name: web, digest: sha256:b} # v2",
        ),
        (
            "{name: web, digest: sha256:a} # ours",
            "web@sha256:b",
            Some("# v2"),
            "{name: web, digest: sha256:b} # ours",
        ),
        ("{name: web, digest: sha256:a} # v1", "web:v2", None, "{name: web, newTag: v2}"),
        (
            "{name: web, newTag: v1, digest: sha256:a} # v1",
            "web:v2@sha256:b",
            Some("# v2"),
            "{name: web, newTag: v2, digest: sha256:b} # v2",
        ),
        (
            "{name: web, newTag: v1, digest: sha256:a} # v1",
            "web:v2",
            None,
            "{name: web, newTag: v2}",
        ),
        (
            "{name: web, newTag: v1@sha256:a} # v1",
            "web:v2@sha256:b",
            None,
            "{name: web, newTag: v2@sha256:b}",
        ),
        ("{name: web, newTag: v1} # v1", "web:v2", None, "{name: web, newTag: v2} # v1"),
        (
            "{name: web, newTag: v1} # {\"$imagepolicy\": \"ns:web:tag\"}",
            "web@sha256:b",
            None,
            "{name: web, digest: sha256:b} # {\"$imagepolicy\": \"ns:web:tag\"}",
        ),
    ] {
        let text = |item: &str| format!("images:\n- {item}\n- name: x # v1\n");
        let (set, notes) = set_in(&text(item), arg, said);
        assert_eq!(set, text(after), "{item} {arg}");
        assert_eq!(notes, [""; 0], "{item}");
    }
    // Where several stand on a line, or another bracket behind one, nothing tells which is meant.
    for (text, comment) in [
        ("images: [{name: web, digest: sha256:a}] # v1\n", "# v1"),
        ("images: [{name: web, digest: sha256:a}, {name: x}] # v1\n", "# v1"),
        ("images:\n  [{name: web, digest: sha256:a}, # v1\n   {name: x}]\n", "# v2"),
        ("{\"images\": [\n{\"name\": \"web\", \"digest\": \"sha256:a\"}\n]}\n", ""),
        ("{\"images\": [{\"name\": \"web\",\n\"digest\": \"sha256:a\"\n}]}\n", ""),
    ] {
        let (set, _) = set_in(text, "web@sha256:b", Some("# v2"));
        assert_eq!(set, text.replace("sha256:a", "sha256:b").replace("# v1", comment));
    }
}
