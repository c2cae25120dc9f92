#!/usr/bin/env python3
"""Try every edit command on every kustomization of a tree.

    .ci/edit.py PROGRAM DIRECTORY...

The trees are copied. For each kustomization that the program takes at all:
  - a change touches few lines: those of the entry that it adds or changes,
  - what it adds it takes out again, and the file is as it was,
  - `set` done twice changes nothing the second time; nor does adding again what is there, or that is refused,
  - a refused command changes nothing,
  - what nothing uses changes no build: an image that nothing names (but for what the first entry of `images` does
    by itself: the step touches trees, as upstream's does), a patch and a label that are taken out again, a
    component and a configuration that say nothing; `fix` changes no build unless it says so.

JOBS trees are tried side by side (2 by default).
"""
import concurrent.futures, difflib, os, re, shutil, subprocess, sys, tempfile

NAMES = ('kustomization.yaml', 'kustomization.yml', 'Kustomization')
# What the commands below name.
FILES = {
    'no-such/conf.yaml': 'nameReference: []\n',
    'no-such/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nconfigurations: [conf.yaml]\n',
    'no-such-conf.yaml': 'nameReference: []\n',
}
# A change, how many lines it may touch, and what takes it out again.
CHANGES = [
    (['edit', 'set', 'image', 'no.such/image=*:v1'], 5, None),
    (['edit', 'set', 'image', 'no.such/image=no.such/other@sha256:0', 'no.such/more:v1'], 8, None),
    (['edit', 'set', 'namespace', 'no-such-space'], 2, None),
    (['edit', 'set', 'nameprefix', 'no-such-'], 2, None),
    (['edit', 'set', 'namesuffix', '--', '-no-such'], 2, None),
    (['edit', 'set', 'label', 'no-such-key:x'], 3, ['edit', 'remove', 'label', 'no-such-key']),
    (['edit', 'set', 'annotation', 'no.such/key:x'], 3, ['edit', 'remove', 'annotation', 'no.such/key']),
    (['edit', 'set', 'replicas', 'no-such-thing=3'], 4, None),
    (['edit', 'set', 'buildmetadata', 'managedByLabel'], 6, None),
    (['edit', 'set', 'configmap', 'no-such-map', '--from-literal=a=b'], 0, None),
    (['edit', 'set', 'secret', 'no-such-secret', '--new-namespace=x'], 0, None),
    (['edit', 'add', 'annotation', '--force', 'no.such/key:x'], 3, ['edit', 'remove', 'annotation', 'no.such/key']),
    (['edit', 'add', 'label', '--force', 'no-such-key:x'], 3, ['edit', 'remove', 'label', 'no-such-key']),
    (['edit', 'add', 'label', '--without-selector', '--include-templates', '--force', 'no-such-key:x'], 5, None),
    (['edit', 'add', 'resource', '--no-verify', 'no-such.yaml'], 3, ['edit', 'remove', 'resource', 'no-such.yaml']),
    (['edit', 'add', 'base', 'no-such'], 3, ['edit', 'remove', 'resource', 'no-such']),
    (['edit', 'add', 'component', 'no-such'], 3, ['edit', 'remove', 'component', 'no-such']),
    (['edit', 'add', 'configmap', 'no-such-map', '--from-literal=a=b'], 5, ['edit', 'remove', 'configmap', 'no-such-map']),
    (['edit', 'add', 'secret', 'no-such-secret', '--from-file=k=no-such-conf.yaml', '--disableNameSuffixHash'], 8,
     ['edit', 'remove', 'secret', 'no-such-secret']),
    (['edit', 'add', 'patch', '--path', 'no-such.yaml', '--kind', 'X'], 5, ['edit', 'remove', 'patch', '--path', 'no-such.yaml', '--kind', 'X']),
    (['edit', 'add', 'patch', '--patch', 'a: b\nc: d\n', '--name', 'x'], 7, ['edit', 'remove', 'patch', '--patch', 'a: b\nc: d\n', '--name', 'x']),
    (['edit', 'add', 'transformer', 'no-such-conf.yaml'], 3, ['edit', 'remove', 'transformer', 'no-such-conf.yaml']),
    (['edit', 'add', 'generator', 'no-such-conf.yaml'], 3, None),
    (['edit', 'add', 'configuration', 'no-such-conf.yaml'], 3, None),
    (['edit', 'add', 'buildmetadata', 'managedByLabel'], 3, ['edit', 'remove', 'buildmetadata', 'managedByLabel']),
    (['edit', 'remove', 'resource', 'no-such*'], 0, None),
    (['edit', 'remove', 'label', '-i', 'no-such-key'], 0, None),
    (['edit', 'remove', 'annotation', '-i', 'no.such/key'], 0, None),
]
# Changes after which the build is what it was.
HARMLESS = [['add', 'component'], ['add', 'configuration']]


def run(program, args, cwd):
    r = subprocess.run([program] + args, cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True)
    return r.returncode, r.stdout, r.stderr.decode('utf-8', 'replace')


def touched(before, after):
    return sum(1 for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:2] in ('+ ', '- '))


class Tree:
    def __init__(self, program):
        self.program = program
        self.tried = self.refused = 0
        self.wrong = []

    def of(self, source):
        top = tempfile.mkdtemp(prefix='edit-')
        try:
            root = os.path.join(top, 'tree')
            shutil.copytree(source, root, symlinks=True, ignore_dangling_symlinks=True)
            for d, _, files in os.walk(root):
                names = [n for n in NAMES if n in files]
                path = os.path.join(d, names[0]) if len(names) == 1 else None
                if path and not os.path.islink(path):
                    self.kustomization(root, d, path)
        finally:
            shutil.rmtree(top, ignore_errors=True)

    def kustomization(self, root, d, path):
        program = self.program
        os.chmod(path, 0o644)
        with open(path, 'rb') as f:
            original = f.read()
        text = original.decode('utf-8', 'replace')
        made = []
        for name, content in FILES.items():
            os.makedirs(os.path.dirname(os.path.join(d, name)), exist_ok=True)
            made.append(os.path.join(d, name))
            with open(made[-1], 'w') as f:
                f.write(content)
        built = run(program, ['build', '.'], d)
        # These move on every change where they stand, as upstream's rewriting moves them.
        moves = b'bases' in original or b'imageTags' in original
        # A text in a block that ends with the file, without a line break, has to say so when a line follows.
        moves = moves or (not original.endswith(b'\n') and re.search(rb'(?m)[|>]$', original))

        def read():
            with open(path, 'rb') as f:
                return f.read()

        def write(content):
            with open(path, 'wb') as f:
                f.write(content)

        def with_images():
            # What the step does to trees whatever it is asked for, the entry written by hand.
            if re.search(rb'(?m)^images\s*:', original):
                return None
            edited = read()
            write(original.rstrip(b'\n') + b'\nimages:\n- name: no.such/other\n  newTag: v2\n')
            result = run(program, ['build', '.'], d)[:2]
            write(edited)
            return result

        def complain(args, what):
            self.wrong.append('%s: %s: %s' % (os.path.relpath(path, root), ' '.join(args), what))
            print(self.wrong[-1], flush=True)

        for args, most, back in CHANGES:
            code, _, err = run(program, args, d)
            if code:
                self.refused += 1
                if read() != original:
                    complain(args, 'refused, but the file changed')
                if 'changed text' in err or 'more of the file' in err:
                    complain(args, err.strip().splitlines()[0])
                write(original)
                continue
            self.tried += 1
            once = read()
            lines = touched(text, once.decode('utf-8', 'replace'))
            if lines > most and not moves:
                complain(args, '%d lines changed' % lines)
            is_image = 'image' in args
            if (is_image or args[1:3] in HARMLESS) and built[0] == 0 and b'imageTags' not in original:
                again = run(program, ['build', '.'], d)
                if again[:2] != built[:2] and not (is_image and again[:2] == with_images()):
                    complain(args, 'the build changed')
            code, _, _ = run(program, args, d)
            if read() != once and not (args[1] == 'add' and args[2] in ('configmap', 'secret')):
                complain(args, 'twice is not once')
            write(once)
            if back:
                code, _, err = run(program, back, d)
                if code:
                    complain(back, err.strip()[:200])
                elif not moves and touched(text, read().decode('utf-8', 'replace')) > 1:
                    complain(back, 'the file is not as it was')
            write(original)
        for args in (['edit', 'fix'], ['edit', 'fix', '--vars']):
            code, _, err = run(program, args, d)
            if code == 0:
                self.tried += 1
                if built[0] == 0 and len(args) == 2:
                    again = run(program, ['build', '.'], d)
                    if again[:2] != built[:2] and 'Warning' not in err:
                        complain(args, 'the build changed and nothing was said')
                elif built[0] == 0 and run(program, ['build', '.'], d)[:2] != built[:2] and b'\nvars:' in original:
                    complain(args, 'the build changed')
            elif 'changed text' in err or 'more of the file' in err:
                complain(args, err.strip().splitlines()[0])
            write(original)
        for name in made:
            os.unlink(name)
        os.rmdir(os.path.join(d, 'no-such'))


def main():
    program = os.path.abspath(sys.argv[1])

    def tree(source):
        tree = Tree(program)
        tree.of(source)
        return tree

    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get('JOBS', '2'))) as pool:
        trees = list(pool.map(tree, sys.argv[2:]))
    wrong = sum(len(tree.wrong) for tree in trees)
    print('%d changes tried, %d refused, %d wrong' % (sum(t.tried for t in trees), sum(t.refused for t in trees), wrong))
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
