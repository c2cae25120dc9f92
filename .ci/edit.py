#!/usr/bin/env python3
"""Try every edit command on every kustomization of a tree.

    .ci/edit.py PROGRAM DIRECTORY...

The trees are copied. For each kustomization that the program takes at all:
  - a change touches few lines: those of the entry that it adds or changes,
  - what it adds it takes out again, and the file is as it was,
  - done twice, nothing changes the second time,
  - an image that nothing names changes the build only as the first entry of `images` does by itself: the step
    touches trees, as upstream's does; `fix` changes no build unless it says so.
"""
import difflib, os, re, shutil, subprocess, sys, tempfile

NAMES = ('kustomization.yaml', 'kustomization.yml', 'Kustomization')
# A change, how many lines it may touch, and what takes it out again.
CHANGES = [
    (['edit', 'set', 'image', 'no.such/image=*:v1'], 5, None),
    (['edit', 'add', 'annotation', '--force', 'no.such/key:x'], 3, ['edit', 'remove', 'annotation', 'no.such/key']),
    (['edit', 'add', 'label', '--force', 'no-such-key:x'], 3, ['edit', 'remove', 'label', 'no-such-key']),
    (['edit', 'set', 'replicas', 'no-such-thing=3'], 4, None),
    (['edit', 'add', 'resource', '--no-verify', 'no-such.yaml'], 3, ['edit', 'remove', 'resource', 'no-such.yaml']),
    (['edit', 'add', 'configmap', 'no-such-map', '--from-literal=a=b'], 5, ['edit', 'remove', 'configmap', 'no-such-map']),
    (['edit', 'add', 'patch', '--path', 'no-such.yaml', '--kind', 'X'], 5, ['edit', 'remove', 'patch', '--path', 'no-such.yaml', '--kind', 'X']),
    (['edit', 'set', 'namespace', 'no-such-space'], 2, None),
    (['edit', 'set', 'nameprefix', 'no-such-'], 2, None),
]


def run(program, args, cwd):
    r = subprocess.run([program] + args, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True)
    return r.returncode, r.stdout, r.stderr.decode('utf-8', 'replace')


def touched(before, after):
    return sum(1 for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:2] in ('+ ', '- '))


def main():
    program = os.path.abspath(sys.argv[1])
    tried = refused = 0
    wrong = []
    for source in sys.argv[2:]:
        top = tempfile.mkdtemp(prefix='edit-')
        root = os.path.join(top, 'tree')
        shutil.copytree(source, root, symlinks=True, ignore_dangling_symlinks=True)
        for d, _, files in os.walk(root):
            names = [n for n in NAMES if n in files]
            if len(names) != 1:
                continue
            path = os.path.join(d, names[0])
            if os.path.islink(path):
                continue
            os.chmod(path, 0o644)
            with open(path, 'rb') as f:
                original = f.read()
            built = run(program, ['build', '.'], d)

            def read():
                with open(path, 'rb') as f:
                    return f.read()

            def with_images():
                # What the step does to trees whatever it is asked for, the entry written by hand.
                if re.search(rb'(?m)^images\s*:', original):
                    return None
                edited = read()
                with open(path, 'wb') as f:
                    f.write(original.rstrip(b'\n') + b'\nimages:\n- name: no.such/other\n  newTag: v2\n')
                result = run(program, ['build', '.'], d)[:2]
                with open(path, 'wb') as f:
                    f.write(edited)
                return result

            def complain(args, what):
                wrong.append('%s: %s: %s' % (os.path.relpath(path, root), ' '.join(args), what))

            for args, most, back in CHANGES:
                code, _, err = run(program, args, d)
                if code:
                    refused += 1
                    if read() != original:
                        complain(args, 'refused, but the file changed')
                    if 'changed text' in err or 'more of the file' in err:
                        complain(args, err.strip().splitlines()[0])
                else:
                    tried += 1
                    once = read()
                    lines = touched(original.decode('utf-8', 'replace'), once.decode('utf-8', 'replace'))
                    if lines > most and b'bases' not in original and b'imageTags' not in original:
                        complain(args, '%d lines changed' % lines)
                    if 'image' in args and built[0] == 0 and b'imageTags' not in original:
                        again = run(program, ['build', '.'], d)
                        if again[:2] != built[:2] and again[:2] != with_images():
                            complain(args, 'the build changed')
                    if args[1] == 'set':
                        run(program, args, d)
                        if read() != once:
                            complain(args, 'twice is not once')
                    if back:
                        code, _, err = run(program, back, d)
                        if code:
                            complain(back, err.strip()[:200])
                        elif touched(original.decode('utf-8', 'replace'), read().decode('utf-8', 'replace')) > 1:
                            complain(back, 'the file is not as it was')
                with open(path, 'wb') as f:
                    f.write(original)
            code, _, err = run(program, ['edit', 'fix'], d)
            if code == 0:
                tried += 1
                if built[0] == 0:
                    again = run(program, ['build', '.'], d)
                    if again[:2] != built[:2] and 'Warning' not in err:
                        complain(['edit', 'fix'], 'the build changed and nothing was said')
            elif 'changed text' in err or 'more of the file' in err:
                complain(['edit', 'fix'], err.strip().splitlines()[0])
            with open(path, 'wb') as f:
                f.write(original)
        shutil.rmtree(top, ignore_errors=True)
    for line in wrong:
        print(line)
    print('%d changes tried, %d refused, %d wrong' % (tried, refused, len(wrong)))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
